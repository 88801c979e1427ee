import ArgumentParser
import WeftModels

/// The precision of a trained model that is timed.
struct PrecisionOption: ParsableArguments {
  @Option(
    name: .customLong("precision"),
    help: ArgumentHelp(
      "Precision of matrix products: float32, bfloat16 or bfloat16x3. (default: that of training)",
      valueName: "precision"))
  var value: Precision?
}

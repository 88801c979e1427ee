import ArgumentParser
import WeftModels

/// The precision of a trained model that is timed.
struct PrecisionOption: ParsableArguments {
  @Option(
    name: .customLong("precision"),
    help: ArgumentHelp(
      "Precision of matrix products: float32 or bfloat16. (default: that of training)",
      valueName: "precision"))
  var value: Precision?
}

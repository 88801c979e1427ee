import ArgumentParser
import DatasetTools
import WeftBase

/// Converts NumPy arrays into datasets.
struct DataNumPy: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "numpy",
    abstract: "Convert NumPy arrays (.npy, .npz) into datasets.",
    discussion: """
      An array keeps its name, or gets the one given by --name; without it, X_train, y_test and the like become the \
      inputs and targets of their splits. Rows are sequences or steps (docs/formats.md). \
      `weft data split` divides a file without splits.

      Example:
        weft data numpy series.npz --name x=inputs --name y=targets --output series.h5
      """)

  @Argument(help: "The files.", completion: .file(extensions: ["npy", "npz"]))
  var files: [String]

  @Option(
    help: ArgumentHelp("Rename an array; may be repeated.", valueName: "array=name"))
  var name: [String] = []

  @Option(
    help: ArgumentHelp(
      "The dimensions of the inputs: N sequences, T time steps, F features, also of several dimensions, as TFF of traffic"
        + " [time, nodes, features]. (default: NTF, or TF)", valueName: "axes"))
  var axes = ""

  @Option(help: ArgumentHelp("Group of arrays whose name contains none.", valueName: "group"))
  var group = "train"

  @OptionGroup var output: OutputOptions

  func run() throws {
    var dataset = ArrayDataset(files: files)
    dataset.split = group
    dataset.axes = axes
    for text in name {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw WeftError.usage("--name: '\(text)' is not array=name") }
      dataset.names[parts[0]] = parts[1]
    }
    try output.convert(from: files) { try dataset.write(to: $0, progress: $1) }
  }
}

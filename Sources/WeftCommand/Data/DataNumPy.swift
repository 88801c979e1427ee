import ArgumentParser
import DatasetTools
import WeftBase

/// Writes NumPy arrays to datasets.
struct DataNumPy: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "numpy",
    abstract: "Write NumPy arrays (.npy, .npz) to datasets.",
    discussion: """
      An array keeps its name, or gets the one that --name gives it; its rows are sequences or steps, as \
      docs/formats.md tells. `weft data split` divides what came in one piece.

      Example:
        weft data numpy series.npz --name x=inputs --name y=targets --output series.h5
      """)

  @Argument(help: "The files.", completion: .file(extensions: ["npy", "npz"]))
  var files: [String]

  @Option(
    help: ArgumentHelp("Another name for an array; may be given several times.", valueName: "array=name"))
  var name: [String] = []

  @Option(help: ArgumentHelp("The group for arrays whose name tells none.", valueName: "group"))
  var group = "train"

  @OptionGroup var output: OutputOptions

  func run() throws {
    var dataset = ArrayDataset(files: files)
    dataset.split = group
    for text in name {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw WeftError.usage("--name: '\(text)' is not array=name") }
      dataset.names[parts[0]] = parts[1]
    }
    try output.convert { try dataset.write(to: $0, progress: $1) }
  }
}

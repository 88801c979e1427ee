import ArgumentParser
import DatasetTools
import HDF5
import WeftBase

/// Rewrites a dataset.
struct DataConvert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Rewrite a dataset with other chunks, compression, layout or type.",
    discussion: """
      Sequences of HDF5 variable-length types become ragged, which is many times faster to read.

      Example:
        weft data convert series.h5 --layout ragged --compression lzf --output fast.h5
      """)

  @Argument(help: "The dataset.", completion: .file())
  var file: String

  @Option(help: "same, ragged, dense, stream or windows.")
  var layout = "same"

  @Option(help: ArgumentHelp("Steps per window.", valueName: "steps"))
  var window: Int?

  @Option(
    help: "Type of floating-point inputs and targets: float16, float32 or float64. (default: unchanged)")
  var type: String?

  @Option(help: ArgumentHelp("The input dataset, in a file without groups.", valueName: "name"))
  var inputs: String?

  @Option(help: ArgumentHelp("The target dataset, in a file without groups.", valueName: "name"))
  var targets: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    var converter = DatasetConverter(file: file)
    let layouts: [String: DatasetConverter.Layout] = [
      "same": .same, "ragged": .ragged, "dense": .dense, "stream": .stream, "windows": .windows(window ?? 0),
    ]
    guard let layout = layouts[layout] else {
      throw NearMiss.unknownChoice(
        layout, "layout", of: "--layout", among: ["same", "ragged", "dense", "stream", "windows"])
    }
    guard (window != nil) == (self.layout == "windows"), window ?? 1 >= 1 else {
      throw WeftError.usage("--layout windows needs --window, at least 1")
    }
    converter.layout = layout
    if let type {
      let kinds: [ElementKind] = [.float16, .float32, .float64]
      guard let kind = ElementKind(rawValue: type), kinds.contains(kind) else {
        throw NearMiss.unknownChoice(type, "type", of: "--type", among: kinds.map(\.rawValue))
      }
      converter.floatKind = kind
    }
    if let inputs { converter.rootNames[inputs] = "inputs" }
    if let targets { converter.rootNames[targets] = "targets" }
    try output.convert(from: [file]) { try converter.write(to: $0, progress: $1) }
  }
}

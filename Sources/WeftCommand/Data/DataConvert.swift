import ArgumentParser
import DatasetTools
import HDF5
import WeftBase

/// Writes a dataset anew.
struct DataConvert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write a dataset anew: with other chunks or compression, in another layout or type.",
    discussion: """
      Sequences of HDF5's variable-length types become ragged, which is read many times faster.

      Example:
        weft data convert series.h5 --layout ragged --compression lzf --output fast.h5
      """)

  @Argument(help: "The dataset.", completion: .file())
  var file: String

  @Option(help: "same, ragged, dense, stream or windows.")
  var layout = "same"

  @Option(help: ArgumentHelp("Steps of a window.", valueName: "steps"))
  var window: Int?

  @Option(help: "The type of inputs and targets that are no integers: float16, float32 or float64.")
  var type: String?

  @Option(help: ArgumentHelp("The dataset of inputs, in a file without groups.", valueName: "name"))
  var inputs: String?

  @Option(help: ArgumentHelp("The dataset of targets, in a file without groups.", valueName: "name"))
  var targets: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    var converter = DatasetConverter(file: file)
    let layouts: [String: DatasetConverter.Layout] = [
      "same": .same, "ragged": .ragged, "dense": .dense, "stream": .stream, "windows": .windows(window ?? 0),
    ]
    guard let layout = layouts[layout] else {
      throw WeftError.usage("--layout: '\(layout)' is none of same, ragged, dense, stream, windows")
    }
    guard (window != nil) == (self.layout == "windows"), window ?? 1 >= 1 else {
      throw WeftError.usage("--layout windows and --window, 1 or more, go together")
    }
    converter.layout = layout
    if let type {
      let kinds: [ElementKind] = [.float16, .float32, .float64]
      guard let kind = ElementKind(rawValue: type), kinds.contains(kind) else {
        throw WeftError.usage("--type: '\(type)' is none of float16, float32, float64")
      }
      converter.floatKind = kind
    }
    if let inputs { converter.rootNames[inputs] = "inputs" }
    if let targets { converter.rootNames[targets] = "targets" }
    try output.convert(from: [file]) { try converter.write(to: $0, progress: $1) }
  }
}

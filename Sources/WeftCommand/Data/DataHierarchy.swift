import ArgumentParser
import DatasetTools
import WeftBase

/// Converts HDF5 files of other organisations into datasets.
struct DataHierarchy: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hdf5",
    abstract:
      "Convert HDF5 files with a group, dataset or file for each sequence, other axes, or records.",
    discussion: """
      `{}` in a path stands for the name of each sequence's group or dataset. Without it, several files are a sequence \
      each. `path@name` is an attribute. Attributes of netCDF, such as scale_factor, are applied.

      Examples:
        weft data hdf5 ecg.h5 --inputs '{}/signal' --targets '{}@label' --output ecg-ragged.h5
        weft data hdf5 recordings/*.h5 --inputs /features --targets /label --output recordings.h5
        weft data hdf5 train.h5 --inputs /x --targets /y --validation val.h5 --test test.h5 --output divided.h5
        weft data hdf5 frames.h5 --inputs /x --axes TNF --targets /y --output sequences.h5
        weft data hdf5 demos.h5 --inputs 'data/{}/obs/*' --targets 'data/{}/actions' \\
          --split-lists train=mask/train,validation=mask/valid --output demos-ragged.h5
        weft data hdf5 store.h5 --inputs /df/table --fields temperature,wind --output weather.h5
      """)

  @Argument(help: "The files.", completion: .file(extensions: ["h5", "hdf5", "nc", "mat"]))
  var files: [String]

  @Option(
    help: ArgumentHelp(
      "The inputs; several, separated by commas, are put side by side. GROUP/* is every dataset of a group, GROUP/**"
        + " also those in its groups.",
      valueName: "paths"))
  var inputs: String

  @Option(
    help: ArgumentHelp(
      "The targets: one row for each sequence, or one for each step with the axes of the inputs.",
      valueName: "path"))
  var targets: String?

  @Option(
    help: ArgumentHelp(
      "What keeps sequences together in a split, such as the patient. (default: equal contents)",
      valueName: "path"))
  var groups: String?

  @Option(
    help: ArgumentHelp(
      "The axes of the inputs: N sequences, T time steps, F features, also of several dimensions: NTFF. (default: NTF, or TF"
        + " for one sequence)",
      valueName: "axes"))
  var axes = ""

  @Option(help: ArgumentHelp("Fields of records. (default: all numbers)", valueName: "names"))
  var fields: String?

  @Option(help: ArgumentHelp("The field of records that is the target.", valueName: "name"))
  var targetField: String?

  @Option(
    help: ArgumentHelp(
      "The field of records, or the dataset beside arrays of steps, whose runs of equal values are sequences.",
      valueName: "name"))
  var sequenceField: String?

  @Option(help: ArgumentHelp("Features per step in rows of variable length.", valueName: "n"))
  var width = 1

  @Option(
    help: ArgumentHelp(
      "Datasets beside arrays of steps, separated by commas, that are not 0 where a sequence ends.",
      valueName: "paths"))
  var ends: String?

  @Option(
    help: ArgumentHelp(
      "The split of each sequence, by datasets of names: train=mask/train,validation=mask/valid. Sequences in none are"
        + " left out.",
      valueName: "split=path"))
  var splitLists: String?

  @OptionGroup var split: SplitOptions
  @OptionGroup var published: PublishedSplitOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    guard width >= 1 else { throw WeftError.usage("--width must be at least 1, not \(width)") }
    func list(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }
    var dataset = HierarchyDataset(files: files, inputs: list(inputs))
    dataset.targets = targets
    dataset.groups = groups
    dataset.axes = axes
    dataset.fields = fields.map(list) ?? []
    dataset.targetField = targetField
    dataset.sequenceField = sequenceField
    dataset.ends = ends.map(list) ?? []
    dataset.width = width
    if let splitLists {
      if let other = split.split != nil ? "--split" : published.option {
        throw WeftError.usage("\(other) cannot be combined with --split-lists")
      }
      dataset.splitLists = try list(splitLists).map { text in
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw WeftError.usage("--split-lists: '\(text)' is not split=path") }
        return (split: parts[0], path: parts[1])
      }
    }
    dataset.plan = try split.plan()
    dataset.published = try published.sources { files, _ in files }
    try output.convert(from: files + published.paths) { try dataset.write(to: $0, progress: $1) }
  }
}

import ArgumentParser
import DatasetTools
import WeftBase

/// Divides the sequences of a file into new splits.
struct DataSplit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Divide the sequences of a dataset into new splits.",
    discussion: """
      With --fractions, a hash of its contents and the seed assigns each sequence to a split, so that equal sequences \
      stay together; a stream is cut into consecutive parts. --groups keeps sequences with the same patient or speaker \
      together, --stratify gives each class its fractions, --by-time cuts each series, --folds makes the splits of \
      cross-validation. --by and --indices follow what the file says. Of arrays at the root, all that have a row for \
      each sequence are divided along with the inputs.

      Examples:
        weft data split series.h5 --fractions 0.8,0.1,0.1 --output divided.h5
        weft data split series.h5 --fractions 0.8,0.2 --groups speaker --output divided.h5
        weft data split x.h5 --inputs X --targets y --indices train=train_idx,test=test_idx --output divided.h5
        weft data split ecg.h5 --inputs X --targets y --by strat_fold --values train=1-8,validation=9,test=10 --output ecg-divided.h5
        weft data split series.h5 --folds 5 --fold 1 --stratify targets --output fold1.h5
      """)

  @Argument(help: "The dataset.", completion: .file())
  var file: String

  @Option(
    help: ArgumentHelp(
      "Fractions of train, validation and test, separated by commas.", valueName: "fractions"))
  var fractions: String?

  @Option(
    help: ArgumentHelp(
      "Keep sequences with equal values of this dataset in one split.", valueName: "dataset"))
  var groups: String?

  @Option(
    help: ArgumentHelp(
      "Divide each class, the values of this dataset, by the fractions.", valueName: "dataset"))
  var stratify: String?

  @Flag(help: "Cut each series into consecutive parts; divide overlapping windows in their order.")
  var byTime = false

  @Option(
    help: ArgumentHelp(
      "Steps that each part of a series but the first begins with besides its own, so that its first steps can be"
        + " forecast from those before them.", valueName: "steps"))
  var leadIn = 0

  @Option(
    help: ArgumentHelp(
      "The dataset, or attribute with @ before its name, that names the split of each sequence.",
      valueName: "dataset"))
  var by: String?

  @Option(
    help: ArgumentHelp(
      "The numbers in the dataset of --by that belong to each split, such as train=1-8,validation=9,test=10.",
      valueName: "split=numbers,…"))
  var values: String?

  @Option(
    help: ArgumentHelp(
      "Datasets with the numbers of the sequences of each split, such as train=train_idx,test=test_idx.",
      valueName: "split=dataset,…"))
  var indices: String?

  @Option(help: ArgumentHelp("Number of folds of cross-validation.", valueName: "k"))
  var folds: Int?

  @Option(help: ArgumentHelp("The fold that is the validation split, from 1.", valueName: "n"))
  var fold: Int?

  @Option(help: ArgumentHelp("Random seed of the assignment.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("The group to divide. (default: all groups together)", valueName: "group"))
  var group: String?

  @Option(help: ArgumentHelp("The input dataset, in a file without groups.", valueName: "name"))
  var inputs: String?

  @Option(help: ArgumentHelp("The target dataset, in a file without groups.", valueName: "name"))
  var targets: String?

  @Option(
    help: ArgumentHelp("The offsets of the inputs, in a file without groups.", valueName: "name"))
  var offsets: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    var splitter = DatasetSplitter(file: file, assignment: try assignment())
    splitter.group = group
    splitter.leadIn = try LeadInOption.checked(leadIn)
    for (path, name) in [(inputs, "inputs"), (targets, "targets"), (offsets, "offsets")] {
      if let path { splitter.rootNames[path] = name }
    }
    if inputs == nil, targets != nil || offsets != nil {
      throw WeftError.usage("--targets and --offsets need --inputs")
    }
    try output.convert(from: [file]) { try splitter.write(to: $0, progress: $1) }
  }

  /// The way of dividing that the options name, of which there must be one.
  private func assignment() throws -> SplitAssignment {
    let ways = [fractions != nil, by != nil, indices != nil, folds != nil].count { $0 }
    guard ways == 1 else {
      throw WeftError.usage("give one of --fractions, --by, --indices and --folds")
    }
    guard values == nil || by != nil else { throw WeftError.usage("--values needs --by") }
    if let by { return try values.map { .values(by, try valueRanges($0)) } ?? .names(by) }
    if let indices { return .indices(try indexArrays(indices)) }
    if let folds {
      guard folds >= 2, let fold, (1...folds).contains(fold) else {
        throw WeftError.usage("--folds must be at least 2, and --fold between 1 and --folds")
      }
      guard groups == nil || stratify == nil else {
        throw WeftError.usage("--groups cannot be combined with --stratify")
      }
      return .fold(fold, of: folds, seed: seed, groups: groups, stratify: stratify)
    }
    let plan = try SplitPlan(fractions ?? "", seed: seed)
    guard [groups != nil, stratify != nil, byTime].count(where: { $0 }) <= 1 else {
      throw WeftError.usage("give at most one of --groups, --stratify and --by-time")
    }
    if let groups { return .groups(plan, dataset: groups) }
    if let stratify { return .stratified(plan, dataset: stratify) }
    return byTime ? .time(plan) : .contents(plan)
  }

  private func valueRanges(_ text: String) throws -> [SplitAssignment.ValueRange] {
    let ranges = try text.split(separator: ",").map { part in
      let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
      let bounds = (sides.last ?? "").split(separator: "-", maxSplits: 1).map { Int($0) }
      guard sides.count == 2, !sides[0].contains("/"), let first = bounds.first ?? nil,
        let last = bounds.last ?? nil, first <= last
      else {
        throw WeftError.usage("--values: '\(part)' is not split=number or split=first-last")
      }
      return SplitAssignment.ValueRange(split: sides[0], values: first...last)
    }
    for (index, range) in ranges.enumerated() {
      if let other = ranges[..<index].first(where: {
        $0.values.overlaps(range.values) && $0.split != range.split
      }) {
        throw WeftError.usage("--values: a number is in '\(other.split)' and in '\(range.split)'")
      }
    }
    return ranges
  }

  private func indexArrays(_ text: String) throws -> [SplitAssignment.IndexArray] {
    try text.split(separator: ",").map { part in
      let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2, !sides[0].contains("/") else {
        throw WeftError.usage("--indices: '\(part)' is not split=dataset")
      }
      return SplitAssignment.IndexArray(split: sides[0], dataset: sides[1])
    }
  }
}

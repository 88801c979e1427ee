import HDF5
import WeftBase
import WeftData

/// Converts HDF5 files of any organisation into sequences: a group, a dataset or a file for each sequence, arrays with
/// other orders of their axes, records with fields, and rows of variable length.
public struct HierarchyDataset {
  /// The files.
  public var files: [String]
  /// The inputs: paths of datasets, or of attributes as `path@name`; `{}` stands for the name of each sequence's group or
  /// dataset. Several are put side by side; `GROUP/*` stands for every dataset of the group, and `GROUP/**`
  /// for those in its groups, too.
  public var inputs: [String]
  /// The targets, likewise; nil for none.
  public var targets: String?
  /// Values by which sequences stay together in a split, likewise; nil for none.
  public var groups: String?
  /// The order of the axes of the inputs: `N` sequences, `T` time steps, `F` (or `C`, `H`, `W`) features, of several
  /// dimensions if there are several. Empty for that of the format: `NTF`, or `TF` for one sequence.
  public var axes = ""
  /// Fields of records that are the inputs; empty for all that are numbers.
  public var fields: [String] = []
  /// The field of records that is the target; nil for none.
  public var targetField: String?
  /// The field of records, or the dataset beside arrays of steps, whose runs of equal values are sequences; nil for one
  /// sequence.
  public var sequenceField: String?
  /// Datasets beside arrays of steps, with a number for each, that is not 0 where a sequence ends: `terminals` and
  /// `timeouts` of reinforcement learning.
  public var ends: [String] = []
  /// Datasets of the names of the sequences of each split, such as `train` and `mask/train`; empty to assign by ``plan``.
  public var splitLists: [(split: String, path: String)] = []
  /// Features of a step in rows of variable length.
  public var width = 1
  /// Division into splits.
  public var plan = SplitPlan.whole
  /// Splits with files of their own, in the same form.
  public var published: [SplitSource<[String]>] = []

  /// The sequences of `files` with these inputs.
  public init(files: [String], inputs: [String]) {
    self.files = files
    self.inputs = inputs
  }

  /// Writes `SPLIT/inputs` with `SPLIT/offsets`, `SPLIT/targets`, `SPLIT/names` if sequences have names, and `/classes`
  /// if targets are texts or enumerations. One sequence alone becomes a stream. Numbers are written as what they mean by
  /// the conventions of NetCDF, and steps at the end of an array's sequences that are all missing are left out.
  ///
  /// - Throws: If nothing matches, or sequences do not fit together; the message names the file and the dataset.
  public func write(to writer: DatasetWriter, progress: ProgressReporter) throws
    -> ConversionSummary
  {
    let parts = parts
    let files = parts.flatMap(\.dataset.files)
    FileProbe.prepare(files)
    let axes = try AxisOrder(self.axes)
    let notes = HierarchyNotes()
    var classes: [String]?
    let sources = SourceFiles(notes)
    if targets != nil || targetField != nil {
      classes = try Self.classNames(of: parts.map(\.dataset), axes, sources)
    }
    if let classes { try writer.file.write("classes", classes) }
    let listed = splitLists.map { $0.split }
    let plan =
      listed.isEmpty
      ? try plan.adding(published.map(\.split))
      : SplitPlan(listed: listed.reduce(into: []) { if !$0.contains($1) { $0.append($1) } })
    try writer.file.attributes.set("source", to: files.prefix(100).joined(separator: ", "))
    var output = HierarchyWriter(writer, plan: plan, classes: classes, notes: notes)
    let areWhole = try Self.haveWholeTargets(of: parts.map(\.dataset), axes, sources)
    progress.begin("reading", total: files.count, unit: "files")
    for part in parts {
      for path in part.dataset.files {
        try part.dataset.forEachSequence(in: path, axes, notes, sources) { sequence in
          var sequence = sequence
          sequence.file = path
          sequence.split = part.split ?? sequence.split
          if areWhole { sequence.target = sequence.target?.whole }
          try output.append(sequence)
        }
        progress.advance()
      }
    }
    var summary = try output.finish()
    summary.notes += notes.lines
    return summary
  }

  /// The files of each split that has its own, and those that ``plan`` divides, without a split.
  private var parts: [(split: String?, dataset: HierarchyDataset)] {
    [(nil, self)]
      + published.map { source in
        var dataset = self
        dataset.files = source.source
        return (source.split, dataset)
      }
  }

  /// The names of the classes of all files; nil if targets are numbers.
  private static func classNames(
    of datasets: [HierarchyDataset], _ axes: AxisOrder, _ sources: SourceFiles
  ) throws -> [String]? {
    var texts: Set<String> = []
    var members: [String] = []
    for dataset in datasets {
      for path in dataset.files {
        let own = try sources.read(path) { file, forms in
          try HierarchySource(file, dataset, axes, HierarchyNotes(), forms: forms).classNames()
        }
        guard let own else { return nil }
        texts.formUnion(own.texts)
        members += own.members.filter { !members.contains($0) }
      }
    }
    return members + texts.subtracting(members).sorted()
  }

  private func forEachSequence(
    in path: String, _ axes: AxisOrder, _ notes: HierarchyNotes, _ sources: SourceFiles,
    _ body: (SourceSequence) throws -> Void
  ) throws {
    try sources.read(path) { file, forms in
      try HierarchySource(file, self, axes, notes, forms: forms).forEachSequence(body)
    }
  }
}

/// Opens files one after the other. The last stays open: a single one is read once for its classes and once for its numbers,
/// and some are read from copies.
final class SourceFiles {
  private let notes: HierarchyNotes
  private var last: (path: String, file: File, forms: StoredForms)?

  init(_ notes: HierarchyNotes) { self.notes = notes }

  /// Calls `body` with a file, and names in its errors what references lead to as users do.
  ///
  /// - Throws: What it throws, and as ``open(_:)``.
  func read<Result>(_ path: String, _ body: (File, StoredForms) throws -> Result) throws -> Result {
    let (file, forms) = try open(path)
    do { return try body(file, forms) } catch {
      if error is HDF5Error || error is WeftError {
        let told = WeftError(error, in: path)
        throw WeftError(told.kind, forms.objects.named(told.message))
      }
      throw error
    }
  }

  /// - Throws: If the file cannot be opened, or there is no room for a copy.
  func open(_ path: String) throws -> (file: File, forms: StoredForms) {
    if let last, last.path == path { return (last.file, last.forms) }
    last = nil
    let file = try File(source: path)
    let forms = StoredForms(file, notes)
    notes.named = forms.objects.named
    last = (path, file, forms)
    return (file, forms)
  }
}

/// A sequence that was read.
struct SourceSequence {
  /// Row-major `[steps, width]`.
  var values: [Double]
  let width: Int
  /// Whether the values have more digits than single precision.
  let isPrecise: Bool
  /// Its targets; nil without.
  var target: Target?
  /// What keeps it in a split with others; nil for its contents.
  let group: String?
  /// The name of its group, dataset or file; nil if it has none.
  var name: String?
  /// The file that it is in, for messages.
  var file = ""
  /// The split that a list of the file names; nil without.
  var split: String?
  /// The names of its features; empty if they have none.
  var featureNames: [String] = []
  /// The times of its steps, and what they are; empty if the file tells none.
  var times: [Double] = []
  var scale = TimeScale.numbers

  enum Target {
    /// One text.
    case text(String)
    /// Numbers `[count / width, width]`: one row for the sequence, or one for each step.
    case numbers([Double], width: Int, areIntegers: Bool)
    /// A text for each step.
    case texts([String])

    /// Its numbers as one row for the sequence.
    var whole: Target {
      guard case .numbers(let numbers, _, let areIntegers) = self else { return self }
      return .numbers(numbers, width: numbers.count, areIntegers: areIntegers)
    }
  }

  var steps: Int { width == 0 ? 0 : values.count / width }

  /// Whether it has a target as a whole, rather than one for each of its steps.
  var hasOneTarget: Bool {
    switch target {
    case nil: false
    case .text: true
    case .texts(let texts): texts.count != steps
    case .numbers(let numbers, let width, _): numbers.count != steps * width
    }
  }
}

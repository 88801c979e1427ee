import HDF5
import WeftBase
import WeftData

/// Converts HDF5 files of any organisation into sequences: a group, a dataset or a file for each sequence, arrays with
/// other orders of their axes, records with fields, and rows of variable length.
public struct HierarchyDataset {
  /// The files.
  public var files: [String]
  /// The inputs: paths of datasets, or of attributes as `path@name`; `{}` stands for the name of each sequence's group or
  /// dataset. Several are put side by side.
  public var inputs: [String]
  /// The targets, likewise; nil for none.
  public var targets: String?
  /// Values by which sequences stay together in a split, likewise; nil for none.
  public var groups: String?
  /// The order of the axes of the inputs: `N` sequences, `T` time steps, `F` (or `C`) features. Empty for that of the
  /// format: `NTF`, or `TF` for one sequence.
  public var axes = ""
  /// Fields of records that are the inputs; empty for all that are numbers.
  public var fields: [String] = []
  /// The field of records that is the target; nil for none.
  public var targetField: String?
  /// The field of records whose runs of equal values are sequences; nil for one sequence.
  public var sequenceField: String?
  /// Features of a step in rows of variable length.
  public var width = 1
  /// Division into splits.
  public var plan = SplitPlan.whole

  /// The sequences of `files` with these inputs.
  public init(files: [String], inputs: [String]) {
    self.files = files
    self.inputs = inputs
  }

  /// Writes `SPLIT/inputs` with `SPLIT/offsets`, `SPLIT/targets`, `SPLIT/names` if sequences have names, and `/classes` if targets are texts or enumerations. One
  /// sequence alone becomes a stream.
  ///
  /// - Throws: If nothing matches, or sequences do not fit together; the message names the file and the dataset.
  public func write(to writer: DatasetWriter, progress: ProgressReporter) throws
    -> ConversionSummary
  {
    FileProbe.prepare(files)
    let axes = try AxisOrder(self.axes)
    var classes: [String]?
    if targets != nil || targetField != nil { classes = try classNames(axes) }
    if let classes { try writer.file.write("classes", classes) }
    try writer.file.attributes.set("source", to: files.prefix(100).joined(separator: ", "))
    var output = HierarchyWriter(writer, plan: plan, classes: classes)
    progress.begin("reading", total: files.count, unit: "files")
    for path in files {
      try forEachSequence(in: path, axes) { try output.append($0) }
      progress.advance()
    }
    return try output.finish()
  }

  /// The names of the classes of all files; nil if targets are numbers.
  private func classNames(_ axes: AxisOrder) throws -> [String]? {
    var texts: Set<String> = []
    var members: [String]?
    for path in files {
      let source = HierarchySource(try File(opening: path), self, axes)
      switch try source.classNames() {
      case nil: return nil
      case .texts(let own): texts.formUnion(own)
      case .members(let own):
        guard members == nil || members == own else {
          throw WeftError.data(
            "\(path): the values of its targets differ from those of \(files[0])")
        }
        members = own
      }
    }
    return members ?? texts.sorted()
  }

  private func forEachSequence(
    in path: String, _ axes: AxisOrder, _ body: (SourceSequence) throws -> Void
  ) throws {
    do {
      let source = HierarchySource(try File(opening: path), self, axes)
      try source.forEachSequence(body)
    } catch let error as HDF5Error { throw WeftError(error) }
  }
}

/// The order of the axes of an array.
struct AxisOrder: Equatable {
  /// The dimension of sequences, steps and features; nil for none.
  let sequence, time, feature: Int?
  let rank: Int

  /// - Parameter text: Letters such as `NTF`; empty for an order that the shape suggests.
  /// - Throws: A usage error for other letters.
  init(_ text: String) throws(WeftError) {
    let letters = Array(text.uppercased()).map {
      $0 == "C" ? "F" as Character : $0 == "B" ? "N" : $0
    }
    guard letters.allSatisfy({ "NTF".contains($0) }), Set(letters).count == letters.count,
      text.isEmpty || letters.contains("T")
    else {
      throw .usage(
        "--axes: '\(text)' is not an order of N (sequences), T (time steps) and F (features), such as TNF or NFT"
      )
    }
    sequence = letters.firstIndex(of: "N")
    time = letters.firstIndex(of: "T")
    feature = letters.firstIndex(of: "F")
    rank = letters.count
  }

  private init(sequence: Int?, time: Int, feature: Int?, rank: Int) {
    (self.sequence, self.time, self.feature, self.rank) = (sequence, time, feature, rank)
  }

  /// The order of an array of some dimensions: the given one, or that of Weft's own format.
  ///
  /// - Parameter isSequence: Whether the array is one sequence.
  func order(rank: Int, isSequence: Bool) -> AxisOrder? {
    if self.rank > 0 { return self.rank == rank ? self : nil }
    switch (rank, isSequence) {
    case (1, true): return AxisOrder(sequence: nil, time: 0, feature: nil, rank: 1)
    case (2, true): return AxisOrder(sequence: nil, time: 0, feature: 1, rank: 2)
    case (2, false): return AxisOrder(sequence: nil, time: 0, feature: 1, rank: 2)
    case (3, false): return AxisOrder(sequence: 0, time: 1, feature: 2, rank: 3)
    default: return nil
    }
  }
}

/// A sequence that was read.
struct SourceSequence {
  /// Row-major `[steps, width]`.
  let values: [Double]
  let width: Int
  /// Whether the values have more digits than single precision.
  let isPrecise: Bool
  /// Its targets; nil without.
  let target: Target?
  /// What keeps it in a split with others; nil for its contents.
  let group: String?
  /// The name of its group, dataset or file; nil if it has none.
  var name: String?

  enum Target {
    /// One text.
    case text(String)
    /// Numbers `[count / width, width]`: one row for the sequence, or one for each step.
    case numbers([Double], width: Int, areIntegers: Bool)
    /// A text for each step.
    case texts([String])
  }

  var steps: Int { width == 0 ? 0 : values.count / width }
}

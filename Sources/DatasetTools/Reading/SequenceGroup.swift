import HDF5
import WeftBase
import WeftData

/// A group of sequences in one of the layouts of docs/formats.md.
struct SequenceGroup {
  /// Layout of sequences.
  enum Layout: String, Sendable {
    /// One long sequence.
    case stream
    /// Sequences in rows of equal length, with optional `lengths`.
    case dense
    /// Concatenated sequences.
    case ragged
  }

  /// Meaning of the rows of a dataset.
  enum Rows: Equatable {
    /// One row per sequence, or per step of a stream.
    case items
    /// Steps, divided into sequences by the offsets of this name.
    case steps(offsets: String)
    /// Offsets of steps.
    case offsets
  }

  /// A dataset of the group.
  struct Member {
    let name: String
    let dataset: Dataset
    let rows: Rows

    /// Whether it names the sequences.
    var isNames: Bool { name == "names" && dataset.datatype.isString && rows == .items }
  }

  let file: File
  /// The group, or the root.
  let container: any Container
  let name: String
  let layout: Layout
  let members: [Member]
  /// Datasets of other purposes, whose rows are neither sequences nor steps.
  let unmatched: [String]
  /// Number of sequences, or of steps of a stream.
  let count: Int
  /// Offsets by name.
  let offsets: [String: [Int]]
  /// Length of each sequence of a dense layout; nil for full rows.
  let lengths: [Int]?

  /// Names of input datasets.
  private static let inputNames = ["tokens", "inputs"]
  private static let targetOffsets = "target_offsets"
  /// Names with a meaning, whose rows must be as many as there are sequences or steps.
  private static let ownNames: Set<String> = [
    "tokens", "inputs", "targets", "offsets", targetOffsets, "lengths", "names", "mask", "time", "static",
    "covariates", "labels",
  ]

  /// The splits of a file: groups that contain `tokens` or `inputs`, the standard ones first.
  ///
  /// - Parameter format: The layout, where the data leave it open.
  static func all(in file: File, format: DataFormat = .auto) throws -> [SequenceGroup] {
    var names: [String] = []
    for child in try file.children where child.isGroup {
      if try inputNames.contains(where: { try file.contains("\(child.name)/\($0)") }) {
        names.append(child.name)
      }
    }
    return try SplitNames.usualFirst(names).map { try SequenceGroup(file, $0, format: format) }
  }

  /// - Parameters:
  ///   - split: The split that the group is; nil for that of its name.
  ///   - format: The layout, where the data leave it open.
  /// - Throws: If the group contains no sequences, or its datasets do not match.
  init(_ file: File, _ name: String, as split: String? = nil, format: DataFormat = .auto) throws {
    guard try file.contains(name) else {
      throw WeftError.data("\(file.path): no group /\(name)")
    }
    let group = try file.group(name)
    var datasets: [(name: String, dataset: Dataset)] = []
    for child in try group.children where child.isDataset {
      let dataset = try group.dataset(child.name)
      try dataset.checkIsStored()
      try dataset.checkIsComplete()
      datasets.append((child.name, dataset))
    }
    try self.init(file, group, split ?? name, datasets, format: format)
  }

  /// Datasets of the root as one group.
  ///
  /// - Parameters:
  ///   - names: The name in the group of each dataset.
  ///   - group: The name of the group.
  ///   - readsVectors: Whether vectors of MATLAB, which are matrices in the file, have a row for each value.
  ///   - format: The layout, where the data leave it open.
  /// - Throws: If a dataset is missing, or they do not match.
  init(
    rootOf file: File, names: [String: String], as group: String = "", readsVectors: Bool = false,
    format: DataFormat = .auto
  ) throws {
    let datasets = try names.sorted { $0.value < $1.value }.map { path, name in
      guard try file.contains(path) else {
        throw WeftError.data("\(file.path): \(file.absence(of: path, kind: "dataset"))")
      }
      let dataset = try file.dataset(path)
      try dataset.checkIsStored()
      try dataset.checkIsComplete()
      return (name: name, dataset: dataset)
    }
    try self.init(file, file.root, group, datasets, readsVectors: readsVectors, format: format)
  }

  private init(
    _ file: File, _ container: any Container, _ name: String,
    _ datasets: [(name: String, dataset: Dataset)], readsVectors: Bool = false, format: DataFormat
  ) throws {
    func failure(_ dataset: Dataset, _ message: String) -> WeftError {
      .data("\(file.path): dataset \(dataset.path): \(message)")
    }
    guard let input = datasets.first(where: { Self.inputNames.contains($0.name) }) else {
      throw WeftError.data("\(file.path): group /\(name): contains neither 'tokens' nor 'inputs'")
    }
    if case .sequence = input.dataset.datatype {
      throw failure(
        input.dataset, "has type \(input.dataset.datatype); make it ragged with weft data convert")
    }
    if case .compound(let fields) = input.dataset.datatype, ComplexNumbers.are(fields) {
      throw failure(input.dataset, "contains complex numbers; \(ComplexNumbers.advice)")
    }
    var offsets: [String: [Int]] = [:]
    for (name, dataset) in datasets where name == "offsets" || name == Self.targetOffsets {
      let values = try dataset.readWholeNumbers()
      guard values.first == 0, zip(values, values.dropFirst()).allSatisfy({ $0 <= $1 }) else {
        throw failure(dataset, "must start with 0 and not decrease")
      }
      offsets[name] = values
    }
    let shape = try input.dataset.shape
    guard let rows = shape.first else {
      throw failure(
        input.dataset, try input.dataset.dataspace.isNull ? "is empty" : "is a single value, not sequences")
    }
    if rows > 0, shape.contains(0) { throw failure(input.dataset, "has the shape \(shape), without a value") }
    if input.dataset.datatype.hasNoNumbers {
      throw failure(
        input.dataset,
        "has type \(input.dataset.datatype), expected numbers\(input.dataset.datatype.numberAdvice)")
    }
    let hasLengths = datasets.contains { $0.name == "lengths" }
    if let own = offsets["offsets"] {
      layout = .ragged
      count = own.count - 1
    } else if hasLengths || shape.count >= 3 || shape.count == 2 && format == .dense
      || shape.count == 2 && format == .auto && input.dataset.datatype.isInteger
    {
      layout = .dense
      count = rows
    } else {
      layout = .stream
      count = rows
    }
    if layout == .dense, shape.count < 2 {
      throw failure(input.dataset, "has the shape \(shape); sequences with lengths need rows of time steps")
    }
    self.file = file
    self.container = container
    self.name = name
    self.offsets = offsets
    var members: [Member] = []
    var unmatched: [String] = []
    for (name, dataset) in datasets {
      let extent = try (readsVectors ? dataset.stepShape : dataset.shape).first ?? 0
      var rows = Rows.items
      if offsets[name] != nil {
        rows = .offsets
      } else if name == "targets", offsets[Self.targetOffsets] != nil {
        rows = .steps(offsets: Self.targetOffsets)
      } else if layout == .ragged, extent == offsets["offsets"]?.last {
        rows = .steps(offsets: "offsets")
      }
      let wanted =
        switch rows {
        case .items: count
        case .offsets: count + 1
        case .steps(let name): offsets[name]?.last ?? 0
        }
      guard extent == wanted else {
        // Other programs keep the sampling rate, names of channels and the like beside the sequences.
        if !Self.ownNames.contains(name) {
          unmatched.append(name)
          continue
        }
        if try dataset.isMATLABVector {
          throw failure(
            dataset,
            "is a vector of MATLAB, \(try dataset.shape) in the file; convert the file with weft data hdf5")
        }
        throw failure(dataset, "has \(extent) rows, but the group needs \(wanted)")
      }
      members.append(Member(name: name, dataset: dataset, rows: rows))
    }
    // Inputs come first and determine the split of a sequence.
    self.unmatched = unmatched
    self.members = members.filter { $0.name == input.name } + members.filter { $0.name != input.name }
    let lengths = try datasets.first { $0.name == "lengths" }?.dataset.readWholeNumbers()
    if layout == .dense, let lengths, let wrong = lengths.first(where: { $0 < 0 || $0 > shape[1] }) {
      throw failure(input.dataset, "has \(shape[1]) time steps, but lengths contains \(wrong)")
    }
    self.lengths = layout == .dense ? lengths : nil
  }

  /// The inputs.
  var input: Member { members[0] }

  /// The names of the sequences; empty if there are none.
  func names(atMost count: Int) throws -> [String] {
    guard layout != .stream, let member = members.first(where: \.isNames) else { return [] }
    return try member.dataset.read(as: String.self, offset: [0], count: [min(count, self.count)])
  }

  /// Attributes of the group.
  var attributes: Attributes { container.baseGroup.attributes }

  /// Rows of a member that belong to a sequence.
  func rows(_ member: Member, of item: Int) -> Range<Int> {
    guard case .steps(let name) = member.rows, let offsets = offsets[name] else { return item..<item + 1 }
    return offsets[item]..<offsets[item + 1]
  }

  /// Length of each sequence, or of the stream.
  func length(of item: Int) -> Int {
    switch layout {
    case .stream: 1
    case .dense: lengths?[item] ?? steps
    case .ragged: rows(input, of: item).count
    }
  }

  /// Time steps per row of a dense layout.
  var steps: Int { (try? input.dataset.shape.dropFirst().first) ?? 1 }
}

extension Datatype {
  /// Whether values are integers.
  var isInteger: Bool { if case .integer = self { true } else { false } }
}

extension Collection<SequenceGroup> {
  /// Notes on what is left out: covariates of steps after series that are no series any more, and datasets of other purposes.
  var leftOutNotes: [String] { futureNotes + unmatchedNotes }

  /// Notes on datasets of other purposes.
  var unmatchedNotes: [String] {
    flatMap { group in
      group.unmatched.prefix(10).map {
        "left out \(group.file.path) \(group.name.isEmpty ? "" : "/\(group.name)")/\($0), whose rows are neither sequences nor steps"
      }
    }
  }

  /// Notes on covariates of steps after series.
  var futureNotes: [String] {
    filter { group in
      ((try? group.container.children) ?? []).contains { $0.name == "future" && $0.isGroup }
    }.map {
      "left out \($0.file.path) /\($0.name)/future, the covariates after its series; make it with weft data table"
    }
  }
}

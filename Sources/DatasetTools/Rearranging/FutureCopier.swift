import HDF5
import WeftBase
import WeftData

/// The group `future` of a split: what is known in advance of the steps after its series.
struct FutureGroup {
  let path: String
  let file: File
  let datasets: [(name: String, dataset: Dataset)]
  /// The rows of each series.
  let offsets: [Int]

  private static let (name, offsetsName) = ("future", "offsets")

  /// Nil if the split has none, or rows of others than its series.
  init?(of group: SequenceGroup) throws {
    guard try group.container.children.contains(where: { $0.name == Self.name && $0.isGroup }) else {
      return nil
    }
    let container = try group.file.group("\(group.name)/\(Self.name)")
    var datasets: [(name: String, dataset: Dataset)] = []
    for child in try container.children where child.isDataset && child.name != Self.offsetsName {
      datasets.append((child.name, try container.dataset(child.name)))
    }
    guard let rows = try datasets.first?.dataset.shape.first,
      try datasets.allSatisfy({ try $0.dataset.shape.first == rows })
    else { return nil }
    var offsets = [0, rows]
    if try container.contains(Self.offsetsName) {
      offsets = try container.dataset(Self.offsetsName).readWholeNumbers()
    }
    let series = group.layout == .stream ? 1 : group.count
    guard offsets.count == series + 1, offsets.first == 0, offsets.last == rows,
      zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
    else {
      throw WeftError.data(
        "\(group.file.path): group /\(group.name)/\(Self.name): has rows of \(offsets.count - 1) series, but there are"
          + " \(series)")
    }
    (path, file) = ("/\(group.name)/\(Self.name)", group.file)
    self.datasets = datasets
    self.offsets = offsets
  }
}

/// Copies what is known of the steps after series to the group `future` of a split.
final class FutureCopier {
  private let writer: DatasetWriter
  private let split: String
  private let isStream: Bool
  /// All groups whose rows may be copied, which determine the types.
  private let sources: [FutureGroup]
  private var copiers: [String: any RowCopier] = [:]
  private var offsets: ArrayWriter<Int64>?
  /// Series whose end is written, and the rows so far.
  private var (ended, rows) = (0, 0)

  init(_ writer: DatasetWriter, split: String, isStream: Bool, sources: [FutureGroup]) {
    self.writer = writer
    self.split = split
    self.isStream = isStream
    self.sources = sources
  }

  /// Appends the rows of a series, as those after a series of the split.
  ///
  /// - Parameter sequence: The number of that series, which is not less than any before.
  /// - Throws: If other rows differ in shape, or it cannot be written.
  func append(_ source: FutureGroup, series: Int, as sequence: Int) throws {
    let range = source.offsets[series]..<source.offsets[series + 1]
    if range.isEmpty { return }
    if copiers.isEmpty { try begin(source) }
    try end(before: sequence)
    for (name, dataset) in source.datasets {
      guard let copier = copiers[name] else { continue }
      try copier.append(dataset, rows: range)
    }
    rows += range.count
  }

  /// Ends all series, of which there are so many.
  func finish(sequences: Int) throws {
    if !copiers.isEmpty { try end(before: sequences) }
  }

  private func end(before sequence: Int) throws {
    while ended < sequence {
      try offsets?.append(Int64(rows))
      ended += 1
    }
  }

  private func begin(_ source: FutureGroup) throws {
    for (name, dataset) in source.datasets {
      let rowShape = Array(try dataset.shape.dropFirst())
      var form = try MemberForm(dataset, name: name)
      for other in sources {
        guard let own = other.datasets.first(where: { $0.name == name })?.dataset,
          Array(try own.shape.dropFirst()) == rowShape
        else {
          throw WeftError.data(
            "\(other.file.path): group \(other.path): '\(name)' is missing, or has rows of another shape than in"
              + " \(source.file.path)")
        }
        if case .numbers(let kind) = form, let more = own.datatype.elementKind {
          form = .numbers(kind.common(with: more))
        }
      }
      copiers[name] = try writer.copier(
        "\(split)/future/\(name)", like: dataset, rowShape: rowShape, form: form)
    }
    if !isStream {
      offsets = writer.array("\(split)/future/offsets", of: Int64.self, labels: ["sequence boundary"])
      try offsets?.append(0)
    }
  }
}

import Foundation
import WeftBase
import WeftMetrics

/// Reads a run's metrics, also while they are being written.
package struct MetricsReader {
  /// Records read so far, in file order.
  package private(set) var records: [MetricsRecord] = []
  private let path: String
  /// Identity and position of the file read.
  private var inode: UInt?
  private var offset = 0
  private var lineNumber = 0
  private var damage = LogDamage()
  /// Names of the splits and metrics so far, whose numbers bound the curves that are drawn.
  private var splits: Set<String> = []
  private var names: Set<String> = []

  private static let (maximumSplitCount, maximumNameCount) = (100, 200)

  package init(path: String) { self.path = path }

  /// Reads records added since the last call. A truncated or replaced file, for example of a run resumed from an
  /// earlier step, is reread.
  ///
  /// - Returns: Whether there were any.
  /// - Throws: If the file is missing, or has lines and none of them is a record.
  package mutating func update() throws(WeftError) -> Bool {
    let file = try RegularFile(path)
    var status = stat()
    guard fstat(file.descriptor, &status) == 0 else { throw .system("\(path): cannot be read", errno) }
    var changed = false
    if inode != UInt(status.st_ino) || Int(status.st_size) < offset {
      changed = !records.isEmpty
      (records, inode, offset, lineNumber) = ([], UInt(status.st_ino), 0, 0)
      (splits, names, damage) = ([], [], LogDamage())
    }
    damage.isIncomplete = false
    guard Int(status.st_size) > offset else { return changed }
    let bytes = try file.read(at: offset, count: Int(status.st_size) - offset)
    // An incomplete line is still being written, or was never finished.
    damage.isIncomplete = bytes.last.map { $0 != UInt8(ascii: "\n") } ?? false
    guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return changed }
    for line in bytes[...end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .dropLast()
    {
      lineNumber += 1
      guard let record = MetricsRecord(line: Data(line)) else {
        damage.add(line: lineNumber)
        continue
      }
      splits.insert(record.split)
      names.formUnion(record.values.entries.map(\.name))
      guard names.count <= Self.maximumNameCount else {
        throw .model("\(path):\(lineNumber): more than \(Self.maximumNameCount) metrics")
      }
      guard splits.count <= Self.maximumSplitCount else {
        throw .model("\(path):\(lineNumber): more than \(Self.maximumSplitCount) splits")
      }
      records.append(record)
    }
    offset += end + 1
    try damage.report(path, of: "metrics", isAll: records.isEmpty, onNote: { _ in })
    return true
  }

  /// The damaged lines that are left out, in one line; nil for none.
  package var note: String? { damage.note(path, of: "metrics") }

  /// All records of a file.
  ///
  /// - Parameter onNote: Called if damaged lines are left out.
  /// - Throws: If the file is missing, or has lines and none of them is a record.
  package static func records(
    in path: String, onNote: (String) -> Void = { _ in }
  ) throws(WeftError) -> [MetricsRecord] {
    var reader = MetricsReader(path: path)
    _ = try reader.update()
    if let note = reader.note { onNote(note) }
    return reader.records
  }
}

extension MetricsRecord {
  private static let maximumMemberCount = 100

  /// Parses a line of JSON; nil if it is not a record. The loss comes first, then the others by name.
  init?(line: Data) {
    guard
      let object = LineLog.object(line),
      let step = BoundedInteger.json(object["step"]), let epoch = BoundedInteger.json(object["epoch"]),
      let split = object["split"] as? String, object.count <= Self.maximumMemberCount
    else { return nil }
    let names = object.keys.filter { !["step", "epoch", "split"].contains($0) }
      .sorted { $0 == Metric.loss.name || ($1 != Metric.loss.name && $0 < $1) }
    var entries: [(name: String, value: Double)] = []
    for name in names {
      switch object[name] {
      case let number as NSNumber: entries.append((name, number.doubleValue))
      case is NSNull: entries.append((name, .nan))
      default: return nil
      }
    }
    self.init(step: step, epoch: epoch, split: split, values: MetricValues(entries))
  }
}

extension MetricValues {
  /// The value by name; nil if it was not measured.
  package subscript(name: String) -> Double? { entries.first { $0.name == name }?.value }
}

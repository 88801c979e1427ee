import HDF5
import WeftBase

/// Writes sequences from groups of one layout to a split of the same layout.
final class GroupWriter {
  let name: String
  private let file: String
  private let layout: SequenceGroup.Layout
  private var copiers: [String: any RowCopier] = [:]
  private var offsets: [String: ArrayWriter<Int64>] = [:]
  private var totals: [String: Int64] = [:]
  private let shapes: [String: [Int]]
  /// What the rows of each dataset are, as the first group with rows of either kind tells.
  private var rows: [String: SequenceGroup.Rows] = [:]
  /// Number of written sequences, or steps of a stream.
  private(set) var count = 0

  /// - Parameter types: How the datasets of all groups that are appended are written.
  init(
    _ writer: DatasetWriter, name: String, like group: SequenceGroup, types: JoinedTypes
  ) throws {
    self.name = name
    file = group.file.path
    layout = group.layout
    var shapes: [String: [Int]] = [:]
    for member in group.members {
      let path = "\(name)/\(member.name)"
      if member.rows == .offsets {
        offsets[member.name] = writer.array(path, of: Int64.self, labels: ["sequence boundary"])
        try offsets[member.name]?.append(0)
        continue
      }
      let rowShape = Array(try member.dataset.shape.dropFirst())
      shapes[member.name] = rowShape
      copiers[member.name] = try writer.copier(
        path, like: member.dataset, rowShape: rowShape, form: types[member.name])
    }
    self.shapes = shapes
  }

  /// Appends consecutive sequences of a group.
  ///
  /// - Throws: If the group has different datasets or row shapes.
  func append(_ group: SequenceGroup, items: Range<Int>) throws {
    if items.isEmpty { return }
    for member in group.members where member.rows != .offsets {
      guard let copier = copiers[member.name] else { continue }
      try copier.append(
        member.dataset,
        rows: group.rows(member, of: items.lowerBound)
          .lowerBound..<group.rows(member, of: items.upperBound - 1).upperBound)
    }
    for (name, writer) in offsets {
      guard let values = group.offsets[name] else { continue }
      let base = totals[name] ?? 0
      for item in items { try writer.append(base + Int64(values[item + 1] - values[items.lowerBound])) }
      totals[name] = base + Int64(values[items.upperBound] - values[items.lowerBound])
    }
    count += items.count
  }

  /// Appends consecutive steps of one series, with everything that belongs to the whole series.
  ///
  /// - Throws: If it cannot be written, or has target sequences, which cannot be cut.
  func append(_ group: SequenceGroup, item: Int, steps: Range<Int>) throws {
    for member in group.members where member.rows != .offsets {
      guard let copier = copiers[member.name] else { continue }
      let rows = group.rows(member, of: item)
      switch member.rows {
      case .steps(offsets: "offsets"):
        try copier.append(
          member.dataset,
          rows: rows.lowerBound + steps.lowerBound..<rows.lowerBound + steps.upperBound)
      case .steps:
        throw WeftError.data(
          "\(group.file.path): group /\(group.name): its target sequences cannot be cut by time")
      default: try copier.append(member.dataset, rows: rows)
      }
    }
    let total = (totals["offsets"] ?? 0) + Int64(steps.count)
    try offsets["offsets"]?.append(total)
    totals["offsets"] = total
    count += 1
  }

  /// - Throws: If a group does not match the groups written before; the message names the difference.
  func check(_ group: SequenceGroup) throws {
    func failure(_ message: String) -> WeftError {
      .data("\(group.file.path): group /\(group.name): \(message)")
    }
    guard group.layout == layout else {
      throw failure(
        "is \(group.layout.rawValue), but that of \(file) is \(layout.rawValue); convert one of them")
    }
    let (own, wanted) = (Set(group.members.map(\.name)), Set(copiers.keys).union(offsets.keys))
    if let name = own.symmetricDifference(wanted).sorted().first {
      throw failure("'\(name)' is missing from it or from that of \(file)")
    }
    for member in group.members where member.rows != .offsets {
      // Sequences of one step each, and none, may be either.
      if member.rows == .items || group.offsets["offsets"]?.last != group.count {
        guard rows[member.name] == nil || rows[member.name] == member.rows else {
          throw failure(
            "'\(member.name)' has a row for each \(member.rows == .items ? "sequence" : "step"), but that of \(file) one"
              + " for each \(member.rows == .items ? "step" : "sequence")")
        }
        rows[member.name] = member.rows
      }
      let shape = Array(try member.dataset.shape.dropFirst())
      guard shape == shapes[member.name] else {
        throw failure(
          "rows of '\(member.name)' have the shape \(shape), but those of \(file) have"
            + " \(shapes[member.name] ?? []); make both ragged with weft data convert, or use equal windows"
        )
      }
    }
  }
}

extension DatasetWriter {
  /// Copies global data: root attributes and objects outside the splits.
  func copyRoot(of file: File, except splits: [String]) throws {
    try self.file.attributes.copy(
      from: file.attributes, except: ["weft_format", "weft_format_version", "weft_version"])
    for child in try file.children where !splits.contains(child.name) {
      switch child.link {
      case .hard: try self.file.copy(child.name, from: file)
      case .soft(let target): try self.file.createSoftLink(child.name, to: target)
      default: break
      }
    }
  }
}

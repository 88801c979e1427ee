import HDF5
import WeftBase

/// Divides the sequences of a file into new splits.
public struct DatasetSplitter {
  /// The file.
  public var file: String
  /// The group to divide; nil for all groups together.
  public var group: String?
  /// Splits with their fractions.
  public var plan: SplitPlan

  /// All sequences of `file`, divided by `plan`.
  public init(file: String, plan: SplitPlan) {
    self.file = file
    self.plan = plan
  }

  /// Writes the new splits. A stream is cut into consecutive parts; sequences are assigned by their contents, so that
  /// equal ones stay together.
  ///
  /// - Throws: If the file contains no sequences, or a split is empty.
  public func write(to writer: DatasetWriter, progress: ProgressReporter) throws -> ConversionSummary {
    let source = try File(opening: file)
    let all = try SequenceGroup.all(in: source)
    let chosen = try group.map { [try SequenceGroup(source, $0)] } ?? all
    guard let first = chosen.first else {
      throw WeftError.failure("\(file): has no group with 'tokens' or 'inputs'")
    }
    let others = all.filter { group in !chosen.contains { $0.name == group.name } }
    if let other = others.first(where: { plan.names.contains($0.name) }) {
      throw WeftError.failure(
        "\(file): contains a group /\(other.name) already; divide all groups together, without --group")
    }
    try writer.copyRoot(of: source, except: all.map(\.name))
    for other in others { try writer.file.copy(other.name, from: source) }
    let splits = try plan.names.map { try GroupWriter(writer, name: $0, like: first) }
    let total = chosen.reduce(0) { $0 + $1.count }
    progress.begin("dividing", total: total, unit: first.layout == .stream ? "steps" : "sequences")
    for group in chosen {
      try splits[0].check(group)
      if group.layout == .stream {
        var (start, bound) = (0, 0.0)
        for (index, fraction) in plan.fractions.enumerated() {
          bound += fraction
          let end =
            index == plan.fractions.count - 1 ? group.count : Int((bound * Double(group.count)).rounded())
          try splits[index].append(group, items: start..<end)
          progress.advance(by: end - start)
          start = end
        }
      } else {
        for item in 0..<group.count {
          try splits[split(of: item, in: group)].append(group, items: item..<item + 1)
          progress.advance()
        }
      }
    }
    return try ConversionSummary(
      plan: plan, counts: splits.map(\.count), unit: first.layout == .stream ? "steps" : "sequences")
  }

  private func split(of item: Int, in group: SequenceGroup) throws -> Int {
    let (dataset, rows) = (group.input.dataset, group.rows(group.input, of: item))
    let rest = Array(try dataset.shape.dropFirst())
    // As doubles, so that equal numbers of different types are assigned equally.
    let values = try dataset.read(
      as: Double.self, offset: [rows.lowerBound] + rest.map { _ in 0 }, count: [rows.count] + rest)
    return plan.split(hash: values.withUnsafeBytes { ContentHash($0).value })
  }
}

import HDF5
import WeftBase

/// Converts the layout of sequences: dense to ragged, ragged to dense, either to a stream.
struct LayoutChanger {
  private let group: SequenceGroup
  private let isDense: Bool
  private let isStream: Bool
  private let types: JoinedTypes
  /// Length of each sequence, without missing steps at its end.
  private let stepCounts: [Int]
  /// Length of the longest sequence.
  private let longest: Int

  /// - Throws: If the layout cannot represent targets of whole sequences.
  init(
    _ group: SequenceGroup, isDense: Bool, isStream: Bool, types: JoinedTypes
  ) throws {
    self.group = group
    self.isDense = isDense
    self.isStream = isStream
    self.types = types
    stepCounts = try isDense ? (0..<group.count).map(group.length) : group.unpaddedLengths()
    longest = stepCounts.max() ?? 0
    if isStream,
      let member = group.members.first(where: { !Self.isLaidOut($0, group) && !isLeftOut($0) })
    {
      throw WeftError.data(
        "\(group.file.path): dataset \(member.dataset.path): has one row per sequence, which a stream cannot"
          + " represent"
      )
    }
  }

  /// Whether a dataset contains steps in the layout of the inputs.
  private static func isLaidOut(_ member: SequenceGroup.Member, _ group: SequenceGroup) -> Bool {
    switch group.layout {
    case .ragged: return member.rows == .steps(offsets: "offsets")
    case .dense:
      guard member.rows == .items, member.name != "lengths", let shape = try? member.dataset.shape else {
        return false
      }
      return shape.count >= 2 && shape[1] == group.steps
        && (member.name != "targets" || isPerStep(member, group))
    case .stream: return true
    }
  }

  /// Whether targets with the leading shape of the inputs belong to steps: classes [sequences, time], or [sequences,
  /// time, width].
  private static func isPerStep(_ member: SequenceGroup.Member, _ group: SequenceGroup) -> Bool {
    let rank = (try? member.dataset.shape.count) ?? 0
    return rank == 3 || member.dataset.datatype.isInteger
  }

  /// What is told of targets that are as many as there are steps, and are not taken for those of steps.
  static func doubts(of group: SequenceGroup) -> [String] {
    guard group.layout == .dense, group.steps > 1,
      let member = group.members.first(where: { $0.name == "targets" && $0.rows == .items }),
      let shape = try? member.dataset.shape, shape.count == 2, shape[1] == group.steps,
      !isPerStep(member, group)
    else { return [] }
    return [
      "\(member.dataset.path): \(shape[1]) targets for each sequence, as many as its steps, were kept as targets of the whole"
        + " sequence; if there is one for each step, store them as [\(shape[0]), \(shape[1]), 1]"
    ]
  }

  private static func tellsLengths(_ member: SequenceGroup.Member) -> Bool {
    member.name == "lengths" || member.name == "offsets"
  }

  /// Whether a dataset is left out: a stream has no sequences with lengths and names.
  private func isLeftOut(_ member: SequenceGroup.Member) -> Bool {
    Self.tellsLengths(member) || isStream && member.isNames
  }

  /// Writes the group; returns the number of sequences or, of a stream, steps.
  func write(to writer: DatasetWriter, _ progress: ProgressReporter) throws -> Int {
    var copiers: [(member: SequenceGroup.Member, copier: any RowCopier, isLaidOut: Bool)] = []
    for member in group.members where !isLeftOut(member) {
      let isLaidOut = Self.isLaidOut(member, group)
      let shape = try member.dataset.shape
      let features = Array(shape.dropFirst(isLaidOut && group.layout == .dense ? 2 : 1))
      let rowShape = isLaidOut && isDense ? [longest] + features : features
      let name =
        isStream && features.isEmpty && member.name == "inputs" && hasVocabulary ? "tokens" : member.name
      let labels =
        isLaidOut
        ? (isDense ? ["sequence", "time"] : isStream ? ["time"] : ["step"]) + features.map { _ in "feature" }
        : nil
      copiers.append(
        (
          member,
          try writer.copier(
            "\(group.name)/\(name)", like: member.dataset, rowShape: rowShape,
            form: types[member.name],
            labels: labels),
          isLaidOut
        ))
    }
    let lengths = writer.arrayIf(isDense, "\(group.name)/lengths", label: "sequence")
    let offsets = writer.arrayIf(!isDense && !isStream, "\(group.name)/offsets", label: "sequence boundary")
    try offsets?.append(0)
    var total = 0
    for item in 0..<group.count {
      let length = stepCounts[item]
      for (member, copier, isLaidOut) in copiers {
        if isLaidOut {
          try append(member, item: item, length: length, to: copier)
        } else {
          try copier.append(member.dataset, rows: group.rows(member, of: item))
        }
      }
      total += length
      try lengths?.append(Int64(length))
      try offsets?.append(Int64(total))
      progress.advance()
    }
    return isStream ? total : group.count
  }

  private var hasVocabulary: Bool { (try? group.file.contains("vocabulary")) == true }

  private func append(
    _ member: SequenceGroup.Member, item: Int, length: Int, to copier: any RowCopier
  ) throws {
    let shape = try member.dataset.shape
    let isRow = group.layout == .dense
    let features = Array(shape.dropFirst(isRow ? 2 : 1))
    let start = group.rows(member, of: item).lowerBound
    try copier.append(
      member.dataset, offset: (isRow ? [start, 0] : [start]) + features.map { _ in 0 },
      count: (isRow ? [1, length] : [length]) + features,
      paddedTo: isDense ? features.reduce(longest, *) : nil)
  }
}

extension DatasetWriter {
  /// Creates an array of integers if needed.
  fileprivate func arrayIf(_ isWanted: Bool, _ path: String, label: String) -> ArrayWriter<Int64>? {
    isWanted ? array(path, of: Int64.self, labels: [label]) : nil
  }
}

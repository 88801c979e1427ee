import HDF5

/// Cuts a stream into consecutive dense sequences of equal length.
///
/// If the stream has no targets, those of a window are its inputs one step later.
struct WindowCutter {
  private let group: SequenceGroup
  private let steps: Int
  private let types: JoinedTypes

  init(_ group: SequenceGroup, steps: Int, types: JoinedTypes) {
    self.group = group
    self.steps = steps
    self.types = types
  }

  /// Writes the windows; returns their number.
  func write(to writer: DatasetWriter, _ progress: ProgressReporter) throws -> Int {
    let hasTargets = group.members.contains { $0.name == "targets" }
    let count = (hasTargets ? group.count : group.count - 1) / steps
    var outputs: [(member: SequenceGroup.Member, copier: any RowCopier, shift: Int)] = []
    for member in group.members {
      let isInput = member.name == group.input.name
      outputs.append((member, try copier(writer, isInput ? "inputs" : member.name, member), 0))
      if isInput, !hasTargets { outputs.append((member, try copier(writer, "targets", member), 1)) }
    }
    for window in 0..<max(count, 0) {
      for (member, copier, shift) in outputs {
        let features = Array(try member.dataset.shape.dropFirst())
        try copier.append(
          member.dataset, offset: [window * steps + shift] + features.map { _ in 0 },
          count: [steps] + features,
          paddedTo: nil)
      }
      progress.advance(by: steps)
    }
    return count
  }

  private func copier(
    _ writer: DatasetWriter, _ name: String, _ member: SequenceGroup.Member
  ) throws -> any RowCopier {
    let features = Array(try member.dataset.shape.dropFirst())
    return try writer.copier(
      "\(group.name)/\(name)", like: member.dataset, rowShape: [steps] + features, form: types[member.name],
      labels: ["sequence", "time"] + features.map { _ in "feature" })
  }
}

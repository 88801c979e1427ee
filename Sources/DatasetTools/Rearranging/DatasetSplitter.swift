import HDF5
import WeftBase

/// Divides the sequences of a file into new splits.
public struct DatasetSplitter {
  /// The file.
  public var file: String
  /// The group to divide; nil for all groups together.
  public var group: String?
  /// How sequences are assigned to splits.
  public var assignment: SplitAssignment
  /// Steps before its own that each part of a series but the first begins with, so that its first steps can be forecast.
  public var leadIn = 0
  /// Datasets at the root that are the inputs, targets, … of a file without groups, by their new names.
  public var rootNames: [String: String] = [:]

  /// All sequences of `file`, divided by `assignment`.
  public init(file: String, assignment: SplitAssignment) {
    self.file = file
    self.assignment = assignment
  }

  /// Writes the new splits.
  ///
  /// - Throws: If the file contains no sequences, or a split is empty; if series are not cut, but have a lead-in.
  public func write(to writer: DatasetWriter, progress: ProgressReporter) throws
    -> ConversionSummary
  {
    let source = try File(opening: file)
    let root = rootNames.isEmpty ? nil : try RootArrays(of: source, names: rootNames, assignment)
    let all = try root.map { [$0.group] } ?? SequenceGroup.all(in: source)
    let chosen = try group.map { [try SequenceGroup(source, $0)] } ?? all
    guard let first = chosen.first else {
      throw WeftError.data("\(file): \(try FileAdvice.failure(source).message)")
    }
    let series = try PartsOfSeries(chosen)
    try series.checkOverlaps()
    let windows = chosen.count == 1 && mayPartWindows ? try OverlappingWindows(first) : nil
    let isCut = windows == nil ? cuts(first) : nil
    if leadIn > 0, isCut == nil {
      throw WeftError.usage(
        "--lead-in is for series that are cut by time\(windows == nil ? "; add --by-time" : ", not for windows")"
      )
    }
    let assigned = isCut == nil ? try assigned(chosen, windows, in: source) : nil
    let names = assigned?.names ?? isCut?.names ?? []
    let others = all.filter { group in !chosen.contains { $0.name == group.name } }
    if let other = others.first(where: { names.contains($0.name) }) {
      throw WeftError.data(
        "\(file): contains a group /\(other.name) already; divide all groups together, without --group"
      )
    }
    let own = root?.paths ?? all.map(\.name)
    try writer.copyRoot(of: source, except: own + names)
    for other in others { try writer.file.copy(other.name, from: source) }
    let types = try JoinedTypes(chosen)
    try types.writeClasses(to: writer.file)
    let splits = try names.map { try GroupWriter(writer, name: $0, like: first, types: types) }
    let future = try chosen.map { try FutureGroup(of: $0) }
    let futures = names.map {
      FutureCopier(
        writer, split: $0, isStream: first.layout == .stream, sources: future.compactMap(\.self))
    }
    let total = chosen.reduce(0) { $0 + $1.count }
    let unit = first.layout == .stream ? "steps" : "sequences"
    progress.begin("dividing", total: total, unit: unit)
    var number = 0
    // Parts of the same series have the same name.
    let isNamed = chosen.contains { $0.members.contains { $0.name == "names" } }
    let numbers =
      isCut == nil || first.layout != .ragged || isNamed
      ? nil
      : try names.map {
        try TextWriter(
          writer, "\($0)/names", label: "sequence", description: "The number of each series in the source.")
      }
    var leading = names.map { _ in 0 }
    for (index, group) in chosen.enumerated() {
      try splits[0].check(group)
      if let isCut {
        let added = try cut(group, from: number, by: isCut, into: splits, names: numbers, progress) {
          part, item in
          // Streams follow one another, so that only the end of the last is that of the split.
          if let own = future[index], group.layout != .stream || index == chosen.count - 1 {
            try futures[part].append(own, series: item, as: max(splits[part].count - 1, 0))
          }
        }
        leading = zip(leading, added).map { $0 + $1 }
        number += group.count
        continue
      }
      for item in 0..<group.count {
        if let split = assigned?.splits[number] ?? nil {
          try splits[split].append(group, items: item..<item + 1)
          if let own = future[index], group.layout != .stream {
            try futures[split].append(own, series: item, as: splits[split].count - 1)
          }
        }
        number += 1
        progress.advance()
      }
    }
    for (split, copier) in zip(splits, futures) { try copier.finish(sequences: split.count) }
    var summary = try ConversionSummary(
      names: names, counts: zip(splits, leading).map { $0.count - $1 }, unit: unit, advice: assigned?.advice,
      drawn: assigned?.drawn)
    summary.notes += assigned?.notes ?? []
    let omitted = assigned?.splits.count { $0 == nil } ?? 0
    if omitted > 0 {
      summary.notes.append(
        omitted == 1 ? "a sequence is in no split" : "\(omitted) sequences are in no split")
    }
    if let note = series.note, partsSeries { summary.notes.append(note) }
    if let windows, partsSeries { summary.notes.append(windows.note) }
    summary.notes += types.notes + (root?.notes ?? [])
    if first.layout == .stream {
      summary.notes += (isCut == nil ? chosen : chosen.dropLast()).leftOutNotes
    }
    return summary
  }

  private func assigned(
    _ groups: [SequenceGroup], _ windows: OverlappingWindows?, in source: File
  ) throws -> AssignedSplits {
    if let windows, case .time(let plan) = assignment {
      try windows.check(groups[0])
      return AssignedSplits(plan, of: windows, count: groups[0].count)
    }
    return try AssignedSplits(assignment, of: groups, in: source)
  }

  /// Whether windows of a series that overlap may lie in different splits.
  private var mayPartWindows: Bool {
    if case .time = assignment { true } else { partsSeries }
  }

  /// Whether chance assigns sequences of the same name to different splits.
  private var partsSeries: Bool {
    switch assignment {
    case .contents, .stratified: true
    case .fold(_, _, _, let groups, _): groups != "names"
    default: false
    }
  }

  /// The plan by which a stream or each series is cut; nil if sequences are assigned as they are.
  private func cuts(_ group: SequenceGroup) -> SplitPlan? {
    switch assignment {
    case .time(let plan): plan
    case .contents(let plan) where group.layout == .stream: plan
    default: nil
    }
  }

  /// - Parameters:
  ///   - first: The number of the group's first series among all.
  ///   - names: Receive the numbers of the series as names; nil if they have names.
  ///   - ended: Called with the split in which a series ends, after it was appended there.
  /// - Returns: Items that each split of a stream begins with besides its own.
  private func cut(
    _ group: SequenceGroup, from first: Int, by plan: SplitPlan, into splits: [GroupWriter],
    names: [TextWriter]?, _ progress: ProgressReporter,
    ended: (_ split: Int, _ item: Int) throws -> Void
  ) throws -> [Int] {
    var leading = splits.map { _ in 0 }
    if group.layout == .stream {
      for (split, own) in plan.parts(of: group.count) {
        let begin = Swift.max(own.lowerBound - leadIn, 0)
        leading[split] = own.lowerBound - begin
        try splits[split].append(group, items: begin..<own.upperBound)
        progress.advance(by: own.count)
      }
      try ended(splits.count - 1, 0)
      return leading
    }
    guard group.layout == .ragged else {
      throw WeftError.data(
        "\(file): group /\(group.name): is \(group.layout.rawValue); to cut each series by time, make it ragged with weft"
          + " data convert")
    }
    for item in 0..<group.count {
      let parts = plan.parts(of: group.length(of: item))
      for (split, own) in parts {
        try splits[split].append(
          group, item: item, steps: Swift.max(own.lowerBound - leadIn, 0)..<own.upperBound)
        try names?[split].append("\(first + item)")
      }
      if let last = parts.last { try ended(last.split, item) }
      progress.advance()
    }
    return leading
  }
}

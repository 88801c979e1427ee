import HDF5
import WeftBase
import WeftData

/// Rewrites a file with another layout, type, chunk shape or compression.
public struct DatasetConverter {
  /// Target layouts.
  public enum Layout: Sendable, Equatable {
    /// The same layout; HDF5 variable-length sequences become ragged.
    case same
    /// Concatenated sequences with offsets.
    case ragged
    /// Rows padded to the longest sequence, with lengths.
    case dense
    /// One long sequence.
    case stream
    /// A stream cut into sequences of this many steps.
    case windows(Int)
  }

  /// The file.
  public var file: String
  /// The layout to write.
  public var layout = Layout.same
  /// Type of numeric inputs and targets; nil to keep theirs.
  public var floatKind: ElementKind?
  /// Datasets at the root that are the inputs and targets of a file without splits.
  public var rootNames: [String: String] = [:]

  /// A converter that keeps `file` unchanged.
  public init(file: String) { self.file = file }

  /// Rewrites the file.
  ///
  /// - Throws: If the file contains no sequences, or they cannot be converted to the layout.
  public func write(to writer: DatasetWriter, progress: ProgressReporter) throws -> ConversionSummary {
    let source = try File(opening: file)
    let found = try VariableLengthGroup.all(in: source, names: rootNames)
    let (groups, own) = found.isEmpty ? try sources(in: source) : ([], [])
    var summary = ConversionSummary(unit: "sequences")
    if !found.isEmpty {
      guard layout == .same || layout == .ragged else {
        throw WeftError.usage(
          "--layout: variable-length sequences become ragged first; convert the result in a second step")
      }
      try writer.copyRoot(of: source, except: found.flatMap(\.objects))
      for group in found {
        let count = try group.write(to: writer, floatKind: floatKind, progress: progress)
        summary.splits.append(ConversionSummary.Split(name: group.name, count: count))
      }
      return summary
    }
    guard let first = groups.first else {
      throw WeftError.data("\(file): \(try FileAdvice.failure(source).message)")
    }
    try writer.copyRoot(of: source, except: own)
    if layout == .same && first.layout == .stream || layout == .stream { summary.unit = "steps" }
    for group in groups {
      let types = try JoinedTypes([group], classesOf: groups, kind: kind)
      try types.writeClasses(to: writer.file)
      summary.notes += types.notes.filter { !summary.notes.contains($0) }
      progress.begin("writing \(group.name)", total: group.count, unit: "items")
      let count = try write(group, types, to: writer, progress)
      guard count > 0 else {
        throw WeftError.data(
          "\(file): group /\(group.name): is too short for a window; use a smaller --window")
      }
      summary.splits.append(ConversionSummary.Split(name: group.name, count: count))
      summary.notes += [group].unmatchedNotes
      if layout == .ragged { summary.notes += LayoutChanger.doubts(of: group) }
      guard let own = try FutureGroup(of: group) else { continue }
      // Other streams and windows have no series that something follows.
      guard
        layout == .same || group.layout == .stream && layout == .stream
          || group.layout != .stream && layout != .stream
      else {
        summary.notes += [group].futureNotes
        continue
      }
      let copier = FutureCopier(
        writer, split: group.name, isStream: group.layout == .stream, sources: [own])
      for series in 0..<own.offsets.count - 1 { try copier.append(own, series: series, as: series) }
      try copier.finish(sequences: group.layout == .stream ? 1 : group.count)
    }
    return summary
  }

  /// The groups to rewrite, and the objects of the root that they are: its arrays, if they are named or tell their splits.
  private func sources(in source: File) throws -> ([SequenceGroup], [String]) {
    if !rootNames.isEmpty {
      guard rootNames.values.contains("inputs") else {
        throw WeftError.usage("--targets: name the inputs too, with --inputs")
      }
      let group = try SequenceGroup(rootOf: source, names: rootNames, as: "train")
      return ([group], rootNames.keys.map { String($0.drop { $0 == "/" }) })
    }
    let groups = try SequenceGroup.all(in: source)
    guard groups.isEmpty, let arrays = try SplitArrays(in: source) else {
      return (groups, groups.map(\.name))
    }
    let own = try arrays.groups(in: source, areCopied: true)
    return (own, own.flatMap { arrays.names(of: $0.name).keys.map { String($0.prefix { $0 != "/" }) } })
  }

  private func kind(_ member: SequenceGroup.Member) -> ElementKind? {
    guard case .float = member.dataset.datatype, ["inputs", "targets"].contains(member.name) else {
      return nil
    }
    return floatKind
  }

  private func write(
    _ group: SequenceGroup, _ types: JoinedTypes, to writer: DatasetWriter, _ progress: ProgressReporter
  ) throws -> Int {
    switch (layout, group.layout) {
    case (.same, _), (.stream, .stream), (.dense, .dense), (.ragged, .ragged):
      let copy = try GroupWriter(writer, name: group.name, like: group, types: types)
      try copy.append(group, items: 0..<group.count)
      progress.advance(by: group.count)
      return copy.count
    case (.windows(let steps), .stream):
      return try WindowCutter(group, steps: steps, types: types).write(to: writer, progress)
    case (.windows, _):
      throw WeftError.data(
        "\(file): group /\(group.name): is \(group.layout.rawValue); windows need a stream")
    case (_, .stream):
      throw WeftError.data(
        "\(file): group /\(group.name): is a stream; cut it into sequences with --layout windows --window N")
    case (.ragged, .dense), (.dense, .ragged), (.stream, .dense), (.stream, .ragged):
      return try LayoutChanger(group, isDense: layout == .dense, isStream: layout == .stream, types: types)
        .write(to: writer, progress)
    }
  }
}

import HDF5
import WeftBase
import WeftData
import WeftText

/// Merges the sequences of several files.
public struct DatasetMerger {
  /// The files, in this order.
  public var files: [String]

  /// All sequences of `files`.
  public init(files: [String]) { self.files = files }

  /// Writes every split with the concatenated sequences of all files; global attributes and objects are those of the
  /// first file.
  ///
  /// - Throws: If the files differ in layout, shape, vocabulary, classes or units.
  public func write(to writer: DatasetWriter, progress: ProgressReporter) throws -> ConversionSummary {
    let sources = try files.map { try File(opening: $0) }
    let groups = try sources.map { try SequenceGroup.all(in: $0) }
    if let empty = groups.firstIndex(where: \.isEmpty) {
      throw WeftError.data("\(files[empty]): has no group with 'tokens' or 'inputs'")
    }
    for source in sources.dropFirst() { try checkMeaning(of: source, as: sources[0]) }
    let meanings = try groups.map { try ColumnMeanings($0) }
    for other in meanings.dropFirst() { try other.check(as: meanings[0]) }
    let names = groups.reduce(into: [String]()) { names, groups in
      names += groups.map(\.name).filter { !names.contains($0) }
    }
    try writer.copyRoot(of: sources[0], except: names)
    try writer.file.attributes.set("source", to: files.joined(separator: ", "))
    let types = try JoinedTypes(Array(groups.joined()))
    try types.writeClasses(to: writer.file)
    var splits: [String: GroupWriter] = [:]
    var futures: [String: FutureCopier] = [:]
    var left: [SequenceGroup] = []
    let members = try groups.joined().map { (group: $0, future: try FutureGroup(of: $0)) }
    for (group, future) in members {
      let split = try splits[group.name] ?? GroupWriter(writer, name: group.name, like: group, types: types)
      splits[group.name] = split
      try split.check(group)
      progress.begin("copying \(group.file.path) /\(group.name)", total: group.count, unit: "items")
      let before = split.count
      try split.append(group, items: 0..<group.count)
      progress.advance(by: group.count)
      guard let own = future else { continue }
      let others = members.filter { $0.group.name == group.name }
      // Streams follow one another, so that only the end of the last is that of the split.
      if group.layout == .stream, others.last?.group.file.path != group.file.path {
        left.append(group)
        continue
      }
      let copier =
        futures[group.name]
        ?? FutureCopier(
          writer, split: group.name, isStream: group.layout == .stream,
          sources: group.layout == .stream ? [own] : others.compactMap(\.future))
      futures[group.name] = copier
      for series in 0..<own.offsets.count - 1 {
        try copier.append(own, series: series, as: group.layout == .stream ? 0 : before + series)
      }
    }
    // In order, as equal contents have equal bytes.
    for name in names { try futures[name]?.finish(sequences: splits[name]?.count ?? 0) }
    var summary = ConversionSummary(unit: groups[0][0].layout == .stream ? "steps" : "sequences")
    summary.splits = names.map { ConversionSummary.Split(name: $0, count: splits[$0]?.count ?? 0) }
    summary.notes += types.notes + left.leftOutNotes
    let steps = try sources.map { source in
      try source.attributes.contains(SeriesAttributes.step)
        ? source.attributes.value(SeriesAttributes.step, as: Double.self) : nil
    }
    if let other = steps.firstIndex(where: { $0 != steps[0] }) {
      func text(_ step: Double?) -> String { step.map { "\(NumberText.json($0)) seconds" } ?? "unknown" }
      summary.notes.append(
        "the distance of steps is \(text(steps[0])) in \(files[0]), but \(text(steps[other])) in \(files[other])"
      )
    }
    if groups[0][0].layout == .stream, files.count > 1 {
      summary.notes.append("the streams of \(files.count) files follow one another as one")
    }
    if let note = try Self.repeatedNames(groups.flatMap(\.self)) { summary.notes.append(note) }
    return summary
  }

  /// A note on names that several series of a split have; nil if all differ.
  private static func repeatedNames(_ groups: [SequenceGroup]) throws -> String? {
    var (counts, repeated) = ([String: Int](), [String]())
    for group in groups where group.layout != .stream {
      guard let names = group.members.first(where: { $0.name == "names" }), names.dataset.datatype.isString
      else { continue }
      for name in try names.dataset.read(as: String.self) {
        counts["\(group.name)/\(name)", default: 0] += 1
        if counts["\(group.name)/\(name)"] == 2 { repeated.append(name) }
      }
    }
    guard let first = repeated.first else { return nil }
    return
      "\(NumberText.counted(repeated.count, "names")) in 'names' \(repeated.count == 1 ? "belongs" : "belong") to several"
      + " sequences of a split, such as '\(first)', which data.scaling_by: series does not tell apart"
  }

  /// Checks that tokens, classes, categories and prepared inputs have the same meaning in two files.
  private func checkMeaning(of file: File, as first: File) throws {
    func texts(_ name: String, _ file: File) throws -> [String]? {
      try file.contains(name) ? try file.dataset(name).read(as: String.self) : nil
    }
    func categories(_ file: File) throws -> [String] {
      try file.contains("categories") ? file.group("categories").children.map { "categories/\($0.name)" } : []
    }
    guard try Preparation.json(in: file) == Preparation.json(in: first) else {
      throw WeftError.data(
        "\(file.path): its attribute 'preparation' differs from that of \(first.path), so that equal sounds or images"
          + " are other numbers; create both files with the same options")
    }
    let named = try Set(["classes"] + categories(file) + categories(first)).sorted()
    let name =
      try Vocabularies(in: file) != Vocabularies(in: first)
      ? "vocabulary" : try named.first { try texts($0, file) != texts($0, first) }
    if let name {
      throw WeftError.data(
        "\(file.path): /\(name) differs from that of \(first.path), so equal numbers would have different"
          + " meanings; create both files in one run of weft data"
      )
    }
  }
}

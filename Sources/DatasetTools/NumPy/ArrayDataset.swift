import Archives
import Foundation
import HDF5
import WeftBase

/// Converts NumPy arrays of any numeric type, order and compression into datasets.
public struct ArrayDataset {
  /// The files: `.npy`, `.npz`.
  public var files: [String]
  /// New names of arrays, by the name of a member, or of a file without its extension.
  public var names: [String: String] = [:]
  /// What the dimensions of the inputs are, such as `TFF` for a series of steps with a matrix of features each; empty for
  /// those of the format.
  public var axes = ""
  /// The group of arrays whose name contains none.
  public var split = "train"

  private static let (maximumPath, maximumDepth) = (1024, 16)

  /// The arrays of `files`.
  public init(files: [String]) { self.files = files }

  /// Writes each array to a dataset of its name; an array `train/inputs` is in the group `train`. Where ``names`` is empty,
  /// arrays such as `X_train` and `y_test` become the inputs and targets of their splits. Arrays of the same names in several
  /// files follow one another (``GatheredArrays``), in the splits that their folders are named for. What is no array of numbers or
  /// texts is left out, with a note, if it is a single value or ``names`` does not name it.
  ///
  /// - Throws: If a file is not a numeric array or is damaged, or two have the same name.
  public func write(to writer: DatasetWriter, progress: ProgressReporter) throws -> ConversionSummary {
    if let gathered = try gathered(beside: writer.path) {
      guard axes.isEmpty else {
        throw WeftError.usage(
          "--axes is not for several files with arrays of the same names; save them with numpy.transpose")
      }
      return try gathered.write(to: writer, progress: progress)
    }
    var summary = ConversionSummary(unit: "")
    let order = try AxisOrder(axes)
    var hasAxes = order.rank == 0
    var unused = Set(names.keys)
    let sources = try sources(beside: writer.path)
    if let matrix = try SparseArrays(sources) { return try write(matrix, to: writer) }
    // Arrays of sequences have targets for each.
    func isTarget(_ name: String) -> Bool { PathParts.name(of: name) == "targets" }
    let isInFolders = nameInFolders(of: PathParts.stem(of: files[0]), files[0]) != nil
    let newNames = try names.isEmpty ? splitNames(sources.map(\.name), isInFolders: isInFolders) : names
    let hasTargets = newNames.values.contains(where: isTarget) || sources.contains { isTarget($0.name) }
    var written: Set<String> = []
    // What is most probably the inputs.
    var largest: (name: String, rank: Int)?
    func add(_ file: RandomAccessFile, name: String) throws {
      unused.remove(name)
      var path = newNames[name] ?? name
      if newNames[name] == nil, let new = newNames[PathParts.name(of: name)], isInFolders {
        unused.remove(PathParts.name(of: name))
        path = "\(PathParts.folder(of: name))/\(new)"
      }
      if !path.contains("/") { path = "\(split)/\(path)" }
      // Each part is a group of the dataset.
      guard path.utf8.count <= Self.maximumPath, path.split(separator: "/").count <= Self.maximumDepth else {
        throw WeftError.data(
          "\(file.path): a name of \(path.utf8.count) bytes in \(path.split(separator: "/").count) parts is too"
            + " long; rename it with --name")
      }
      guard written.insert(path).inserted else {
        throw WeftError.data(
          "\(file.path): a second array would be named \(path); save the arrays of each series in one file,"
            + " numpy.savez('subject1.npz', x=x, y=y), of which several are read together, or put each split in a folder of its own,"
            + " train/\(PathParts.name(of: file.path)) and test/\(PathParts.name(of: file.path))")
      }
      let rows: ArrayRows
      do {
        rows = try ArrayRows(file)
        try rows.checkTexts()
      } catch {
        guard sources.count > 1, newNames[name] == nil, !names.isEmpty || ArrayHeader.isSingle(file) else {
          throw error
        }
        written.remove(path)
        summary.notes.append("left out \(name): \(error.message)")
        return
      }
      if rows.header.shape.count > largest?.rank ?? -1 { largest = (name, rows.header.shape.count) }
      guard rows.header.count > 0 else { throw WeftError.data("\(file.path): is empty") }
      if rows.header.text != nil {
        try writer.file.write(path, rows.texts())
        summary.notes.append("\(path) texts \(rows.header.shape)")
        return
      }
      let shape = rows.header.shape
      let isInput = PathParts.name(of: path) == "inputs"
      if order.rank > 0, isInput {
        try Self.check(order, axes, shape, file.path)
        hasAxes = true
        try write(rows, of: rows.header.kind.type, to: path, order, writer, progress)
        let features = order.width(shape)
        summary.notes.append(
          "\(path) \(rows.header.kind.rawValue) \(shape), read as"
            + (order.sequence == nil
              ? " one series of \(shape[0]) steps" : " \(shape[0]) sequences of \(shape[1]) steps")
            + " of \(features == 1 ? "a feature" : "\(features) features")")
        return
      }
      try write(rows, of: rows.header.kind.type, to: path, nil, writer, progress)
      summary.notes.append(
        "\(path) \(rows.header.kind.rawValue) \(shape)"
          + (isInput && shape.count == 3 && !hasTargets
            ? ": \(shape[0]) sequences of \(shape[1]) steps of \(shape[2]) features; --axes TFF makes it one series of"
              + " \(shape[0]) steps"
            : ""))
    }
    for source in sources { try add(source.open(), name: source.name) }
    if let name = unused.sorted().first {
      throw WeftError.usage("no array '\(name)' in \(files.joined(separator: ", "))")
    }
    guard hasAxes else { throw WeftError.usage("--axes is for the array 'inputs'; name it with --name") }
    guard !written.isEmpty else { throw WeftError.data("\(files[0]): contains no arrays") }
    try writer.file.attributes.set("source", to: files.joined(separator: ", "))
    let inputs = ["inputs", "tokens"]
    if !written.contains(where: { inputs.contains(PathParts.name(of: $0)) }) {
      let example = largest?.name ?? "x"
      summary.notes.append(
        "training reads the arrays 'inputs' and 'targets'; name them with --name, as --name \(example)=inputs"
      )
    }
    summary.unit = "\(written.count) \(written.count == 1 ? "array" : "arrays")"
    return summary
  }

  /// Writes a sparse matrix of SciPy as an array.
  private func write(_ matrix: SparseArrays, to writer: DatasetWriter) throws -> ConversionSummary {
    let (name, new) = (PathParts.stem(of: files[0]), names.values.first)
    guard names.count < 2, names.keys.allSatisfy({ $0 == name }) else {
      throw WeftError.usage(
        "\(files[0]) is one sparse matrix, '\(name)'; rename it with --name \(name)=inputs")
    }
    let path = (new ?? "inputs").contains("/") ? new ?? "" : "\(split)/\(new ?? "inputs")"
    let values = try matrix.values.dense { .data("\(files[0]): \($0)") }
    let shape = matrix.values.shape
    if matrix.isPrecise {
      try writer.array(path, of: Double.self, rowShape: [shape[1]], labels: []).append(values)
    } else {
      try writer.array(path, of: Float.self, rowShape: [shape[1]], labels: []).append(
        values.map { Float($0) })
    }
    try writer.file.attributes.set("source", to: files.joined(separator: ", "))
    var summary = ConversionSummary(unit: "1 array")
    let share = Double(matrix.values.values.count) / Double(max(1, values.count))
    summary.notes = [
      "\(path): sparse matrix (\(matrix.format)) of SciPy, written out as \(shape[0]) x \(shape[1]) numbers, of which"
        + " \(NumberText.significant(100 * share, digits: 2))% are stored"
    ]
    return summary
  }

  /// The arrays of all files, which are opened one by one.
  private func sources(
    beside path: String
  ) throws -> [(name: String, open: () throws -> RandomAccessFile)] {
    try files.flatMap { file -> [(name: String, open: () throws -> RandomAccessFile)] in
      guard file.lowercased().hasSuffix(".npz") else {
        let stem = PathParts.stem(of: file)
        return [(nameInFolders(of: stem, file) ?? stem, { try RandomAccessFile(file) })]
      }
      return try arrays(of: file, beside: path)
    }
  }

  /// The files, if there are several with arrays of the same names; nil otherwise.
  private func gathered(beside path: String) throws -> GatheredArrays? {
    guard files.count > 1 else { return nil }
    // A file may be named for its split, as `train.npz` and `subject1_test.npz`, or its folder.
    let splits = files.map { file in
      let words = PathParts.stem(of: file).split(whereSeparator: { "-_.".contains($0) }).map(String.init)
      return [words.last, words.first, PathParts.name(of: PathParts.folder(of: file))].lazy.compactMap {
        $0.flatMap(SplitArrays.split(named:))
      }.first
    }
    let stems = files.map(PathParts.stem)
    let areArchives = files.allSatisfy { $0.lowercased().hasSuffix(".npz") }
    let areAlone = !areArchives && names.isEmpty && nameInFolders(of: stems[0], files[0]) != nil
    guard areArchives || areAlone else { return nil }
    let usual = Set(SplitArrays.inputNames + SplitArrays.targetNames)
    if areAlone, stems.contains(where: { usual.contains($0.lowercased()) }) { return nil }
    // A file for each series has its name, and its array has none.
    let single = "array"
    var sources: [GatheredArrays.Source] = []
    var seen: Set<String> = []
    // Files of the same name are in the folders of subjects.
    let stemsOfSplits = zip(splits, stems).map { "\($0 ?? self.split)/\($1)" }
    let areInFolders = Set(stemsOfSplits).count < files.count
    for (file, split) in zip(files, splits) {
      let split = split ?? self.split
      let parent = PathParts.name(of: PathParts.folder(of: file))
      let stem =
        areInFolders ? PathParts.path(PathParts.stem(of: file), in: parent) : PathParts.stem(of: file)
      guard seen.insert("\(split)/\(stem)").inserted else {
        throw WeftError.data("\(file): a second file '\(stem)' of \(split); rename one")
      }
      sources.append(
        .init(
          name: stem, split: split,
          arrays: areAlone
            ? [(single, { try RandomAccessFile(file) })]
            : try arrays(of: file, beside: path)))
    }
    if areArchives {
      // Archives of different arrays are parts of one dataset.
      let first = sources[0].arrays.map(\.name)
      guard sources.dropFirst().contains(where: { $0.arrays.contains { first.contains($0.name) } }) else {
        return nil
      }
      if let named = zip(files, splits).first(where: { $1 != nil }),
        let other = zip(files, splits).first(where: { $1 == nil })
      {
        throw WeftError.usage(
          "\(other.0): its name and folder tell no split, as those of \(named.0) do; name them all for splits, or convert files of one"
            + " split at a time and divide them with weft data split")
      }
      return try GatheredArrays(sources, names: names)
    }
    return try GatheredArrays(sources, names: [:])
  }

  /// The name of the array of a file with the split before it, where arrays have the same names in several folders that are
  /// named for splits; nil elsewhere.
  private func nameInFolders(of stem: String, _ file: String) -> String? {
    func split(_ file: String) -> String? {
      SplitArrays.split(named: PathParts.name(of: PathParts.folder(of: file)))
    }
    guard files.allSatisfy({ $0.lowercased().hasSuffix(".npy") && split($0) != nil }),
      Set(files.map(PathParts.stem)).count < files.count, let own = split(file)
    else { return nil }
    return "\(own)/\(stem)"
  }

  /// The arrays of an archive, which are opened one by one.
  private func arrays(
    of file: String, beside path: String
  ) throws -> [(name: String, open: () throws -> RandomAccessFile)] {
    let archive = try ZipArchive(file, advice: "save it with numpy.savez")
    return archive.members.filter { $0.name.hasSuffix(".npy") }.map { member in
      (String(member.name.dropLast(4)), { try archive.open(member, beside: path) })
    }
  }

  /// New names of arrays whose names tell their splits.
  private func splitNames(_ names: [String], isInFolders: Bool) throws -> [String: String] {
    let published = names.compactMap { name in Self.published(name).map { (name, $0) } }
    if published.count == names.count {
      return Dictionary(published, uniquingKeysWith: { first, _ in first })
    }
    guard let arrays = SplitArrays(names: names.filter { isInFolders || !$0.contains("/") }) else {
      return [:]
    }
    var new: [String: String] = [:]
    for split in arrays.words.keys {
      for (name, member) in arrays.names(of: split) { new[name] = "\(split)/\(member)" }
    }
    return new
  }

  /// What a file of MNIST or of a corpus after its model is, such as `t10k-images-idx3-ubyte`; nil for any other.
  private static func published(_ name: String) -> String? {
    guard let match = name.firstMatch(of: #/(train|t10k|test)-(images|labels)[-.]idx[13]-ubyte/#) else {
      return nil
    }
    return "\(match.1 == "train" ? "train" : "test")/\(match.2 == "images" ? "inputs" : "targets")"
  }

  private func write<Element: HDF5Element>(
    _ rows: ArrayRows, of type: Element.Type, to path: String, _ order: AxisOrder?,
    _ writer: DatasetWriter, _ progress: ProgressReporter
  ) throws {
    progress.begin("writing \(path)", total: rows.header.shape.first ?? 1, unit: "rows")
    if rows.header.shape.isEmpty {
      try rows.forEachBlock(of: type) { try writer.file.write(path, $0, shape: []) }
      return
    }
    var (rowShape, labels) = (rows.rowShape, ArrayDataset.labels(rank: rows.header.shape.count))
    if let order {
      let width = order.width(rows.header.shape)
      (rowShape, labels) =
        order.sequence == nil
        ? ([width], ["time", "feature"])
        : ([rows.header.shape[1], width], ["sequence", "time", "feature"])
    }
    let array = writer.array(path, of: type, rowShape: rowShape, labels: labels)
    try rows.forEachBlock(of: type) { block in
      let before = array.count
      try array.append(block)
      progress.advance(by: array.count - before)
    }
  }

  /// - Throws: If the dimensions of an array are not those, or in another order than that of a dataset.
  private static func check(
    _ order: AxisOrder, _ axes: String, _ shape: [Int], _ path: String
  ) throws(WeftError) {
    guard order.rank == shape.count else {
      throw .usage(
        "--axes: \(path): has the shape \(shape), but \(axes) names \(order.rank == 1 ? "a dimension" : "\(order.rank) dimensions")"
      )
    }
    let first = order.sequence == nil ? 0 : 1
    guard order.time == first, order.sequence ?? 0 == 0, order.features == Array((first + 1)..<shape.count)
    else {
      throw .usage(
        "--axes: \(axes) is another order than N, T, F; save the array with numpy.transpose first, or write it to HDF5 for"
          + " weft data hdf5 --axes")
    }
  }

  /// An array of three dimensions contains dense sequences; the meaning of others is unknown.
  private static func labels(rank: Int) -> [String] { rank == 3 ? ["sequence", "time", "feature"] : [] }
}

import HDF5
import WeftBase
import WeftData

/// What to do with a file without groups of sequences, by what it contains.
struct FileAdvice {
  private let file: File
  /// The arrays at the root, without those of other purposes.
  private let arrays: [Dataset]

  /// Paths looked at in files of many groups.
  private static let pathCount = 2000
  private static let otherNames: Set<String> = ["vocabulary", "classes", "target_vocabulary"]
  /// What marks of the ends of episodes are called.
  private static let endNames = [
    "terminals", "timeouts", "dones", "terminal", "timeout", "done", "terminations", "truncations",
  ]

  /// Advice as an error, to follow the name of the file.
  ///
  /// - Throws: Any damage found.
  static func failure(_ file: File) throws -> WeftError {
    .data("no group 'train' with 'tokens' or 'inputs'\(try advice(on: file))")
  }

  /// What to do, to follow what the file lacks.
  ///
  /// - Throws: Any damage found.
  static func advice(on file: File) throws -> String { try FileAdvice(file).text() }

  private init(_ file: File) throws {
    self.file = file
    arrays = try file.children.filter { $0.isDataset && !Self.otherNames.contains($0.name) }
      .map { try file.dataset($0.name) }
      .filter { try !$0.isScale }
  }

  private func command(_ options: String) -> String {
    "weft data hdf5 \(file.path.shellQuoted) \(options) --output sequences.h5"
  }

  private func text() throws -> String {
    if let splits = try SplitArrays(in: file) {
      return
        ", but arrays that tell their splits: weft train \(file.path.shellQuoted), or a configuration with \(splits.keys)"
    }
    for table in arrays {
      guard case .compound(let fields) = table.datatype else { continue }
      return ComplexNumbers.are(fields)
        ? ", but complex numbers in \(table.name); \(ComplexNumbers.advice)"
        : ", but records: \(command("--inputs \(table.path.shellQuoted) --split 0.8,0.1,0.1"))"
    }
    if let cells = arrays.first(where: { $0.datatype == .reference }) {
      let targets = arrays.first { $0.path != cells.path }.map { " --targets \($0.path.shellQuoted)" } ?? ""
      return
        ", but references, such as cells of MATLAB: \(command("--inputs \(cells.path.shellQuoted)\(targets)"))"
    }
    if let rows = arrays.first(where: { if case .sequence = $0.datatype { true } else { false } }) {
      let targets = try targets(of: rows).map { " --targets \($0.name.shellQuoted)" } ?? ""
      return
        ", but rows of variable length: weft data convert \(file.path.shellQuoted) --inputs \(rows.name.shellQuoted)\(targets)"
        + " --output ragged.h5"
    }
    let inputs = try inputs()
    let rank = try inputs?.shape.count ?? 0
    if let other = try arrays.first(where: { try $0.datatype.hasNoNumbers && $0.shape.count > rank }) {
      return ", but \(other.name) of type \(other.datatype)\(other.datatype.numberAdvice)"
    }
    if let inputs { return try text(inputs) }
    return try nestedText()
      ?? "; 'weft inspect' shows what it contains, and docs/data.md tells what to write"
  }

  /// The array that is probably the inputs: by its name, or that of most dimensions.
  private func inputs() throws -> Dataset? {
    let numbers = try arrays.filter { try $0.datatype.isNumeric && !$0.shape.isEmpty }
    for name in ["observations", "obs"] + SplitArrays.inputNames {
      if let found = numbers.first(where: { $0.name.lowercased() == name }) { return found }
    }
    return try numbers.max { try $0.shape.count < $1.shape.count }
  }

  /// The array that is probably the targets of others: by its name, or the only other one with as many rows.
  private func targets(of inputs: Dataset) throws -> Dataset? {
    let rows = try inputs.shape.first
    let others = arrays.filter {
      $0.path != inputs.path && ($0.datatype.isNumeric || $0.datatype.isString)
    }
    for name in SplitArrays.targetNames + ["actions"] {
      let found = others.first { other in
        let own = other.name.lowercased()
        return own == name || name.count > 3 && own.contains(name)
      }
      if let found { return found }
    }
    let alike = try others.filter { other in
      let name = other.name.lowercased()
      return try other.shape.first == rows && !["id", "ids", "idx", "index"].contains(where: name.hasSuffix)
    }
    return alike.count == 1 ? alike[0] : nil
  }

  /// The pattern of the names of arrays that differ in a number alone, such as `rec{}`; nil if there are few.
  private func numbered(_ inputs: Dataset) throws -> String? {
    guard let digits = inputs.name.firstRange(of: #/[0-9]+/#) else { return nil }
    let (start, end) = (inputs.name[..<digits.lowerBound], inputs.name[digits.upperBound...])
    let rank = try inputs.shape.count
    let alike = try arrays.filter { other in
      let name = other.name
      guard name.hasPrefix(start), name.hasSuffix(end), name.count > start.count + end.count else {
        return false
      }
      return try Int(name.dropFirst(start.count).dropLast(end.count)) != nil && other.shape.count == rank
    }
    return rank <= 2 && alike.count > 3 ? "\(start){}\(end)" : nil
  }

  /// Advice for arrays at the root.
  private func text(_ inputs: Dataset) throws -> String {
    let names =
      "--inputs \(inputs.name.shellQuoted)"
      + (try targets(of: inputs).map { " --targets \($0.name.shellQuoted)" } ?? "")
    let list = arrays.prefix(6).map(\.name).joined(separator: ", ")
    let start = ", but arrays at the root (\(list)); "
    let rank = try inputs.shape.count
    if let pattern = try numbered(inputs) {
      return start + "make a sequence of each: "
        + command("--inputs \(pattern.shellQuoted) --split 0.8,0.1,0.1")
    }
    let ends = Self.endNames.filter { name in arrays.contains { $0.name == name } }
    if !ends.isEmpty {
      return start + "divide them into episodes: "
        + command("\(names) --ends \(ends.joined(separator: ",")) --split 0.8,0.1,0.1")
    }
    if let time = try inputs.timeAxis, rank > 1, time != (rank == 2 ? 0 : 1) {
      let dimensions = try inputs.dimensionNames.map { $0.isEmpty ? "?" : $0 }.joined(separator: ", ")
      return start + "\(inputs.name) has the dimensions \(dimensions): "
        + command("--inputs \(inputs.name.shellQuoted) --split 0.8,0.1,0.1")
    }
    if rank > 3 {
      return start + "make features of the last dimensions of \(inputs.name): "
        + command("\(names) --axes NT\(String(repeating: "F", count: rank - 2))")
    }
    if try inputs.reversingProgram != nil {
      return start + "convert them: " + command("\(names) --split 0.8,0.1,0.1")
    }
    return start
      + "divide them first: weft data split \(file.path.shellQuoted) \(names) --fractions 0.8,0.1,0.1 --output divided.h5"
  }

  /// Advice for datasets in groups: records, or the one with the most numbers, with `{}` for groups that have it alike.
  private func nestedText() throws -> String? {
    var tables: [String] = []
    try file.visit { visit in
      guard visit.child.isGroup, tables.count < Self.pathCount else { return }
      if try file.group(visit.child.path).attributes.contains("pandas_type") {
        tables.append(visit.child.path)
      }
    }
    if let first = tables.first {
      let areAlike = tables.count > 1 && tables.allSatisfy { !$0.dropFirst().contains("/") }
      return ", but \(tables.count == 1 ? "a table" : "\(tables.count) tables") of pandas: "
        + command("--inputs \((areAlike ? "{}" : first).shellQuoted) --split 0.8,0.1,0.1")
    }
    var paths: [String] = []
    try file.visit { visit in
      if visit.child.isDataset, paths.count < Self.pathCount, !Self.isReferredTo(visit.child.path) {
        paths.append(visit.child.path)
      }
    }
    paths += arrays.map(\.path)
    var best: (path: String, isNamed: Bool, count: Int)?
    for path in paths {
      let dataset = try file.dataset(path)
      if case .compound = dataset.datatype {
        return ", but records: \(command("--inputs \(path.shellQuoted) --split 0.8,0.1,0.1"))"
      }
      let shape = try dataset.shape
      guard dataset.datatype.isNumeric, (1...3).contains(shape.count),
        try MATLABArray(dataset)?.className != "char",
        let count = shape.boundedProduct, count > 1
      else { continue }
      let isNamed = SplitArrays.inputNames.contains(dataset.name.lowercased())
      if let best, best.isNamed == isNamed ? best.count >= count : best.isNamed { continue }
      best = (path, isNamed, count)
    }
    guard let best else { return nil }
    if let obstacle = try file.dataset(best.path).sparseObstacle {
      return ", and its largest array, \(best.path), \(obstacle)"
    }
    let pattern = try pattern(of: best.path)
    return pattern == best.path
      ? ", but numbers in groups: \(command("--inputs \(pattern.shellQuoted)"))"
      : ", but a group for each sequence: \(command("--inputs \(pattern.shellQuoted)"))"
  }

  /// Whether a path is of what cells of MATLAB refer to, which has no names of its own.
  private static func isReferredTo(_ path: String) -> Bool {
    path.hasPrefix("/#refs#/") || path.hasPrefix("/#subsystem#/")
  }

  /// A path with `{}` in place of each group beside which others contain the same.
  private func pattern(of path: String) throws -> String {
    let parts = path.split(separator: "/").map(String.init)
    var result = parts
    for index in parts.indices.dropLast() {
      let above = parts[..<index].joined(separator: "/")
      let rest = parts[(index + 1)...].joined(separator: "/")
      let container: any Container = above.isEmpty ? file : try file.group(above)
      let alike = try container.children.prefix(8).filter { child in
        try child.isGroup && container.contains("\(child.name)/\(rest)")
      }
      if alike.count > 1 { result[index] = "{}" }
    }
    return result == parts ? path : result.joined(separator: "/")
  }
}

extension Dataset {
  /// Whether its values are the coordinates of a dimension of others.
  fileprivate var isScale: Bool {
    get throws {
      try attributes.contains("CLASS")
        && (try? attributes.value("CLASS", as: String.self)) == "DIMENSION_SCALE"
    }
  }
}

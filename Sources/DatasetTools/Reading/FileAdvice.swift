import HDF5
import WeftBase
import WeftData

/// What to do with a file without groups of sequences, by what it contains.
enum FileAdvice {
  /// Advice as an error, to follow the name of the file.
  ///
  /// - Throws: Any damage found.
  static func failure(_ file: File) throws -> WeftError {
    .data("no group 'train' with 'tokens' or 'inputs'\(try advice(file))")
  }

  private static func advice(_ file: File) throws -> String {
    let path = file.path
    if let splits = try SplitArrays(in: file) {
      return ", but arrays that tell their splits: weft train \(path), or a configuration with \(splits.keys)"
    }
    let arrays = try file.children.filter {
      $0.isDataset && !["vocabulary", "classes", "target_vocabulary"].contains($0.name)
    }.map { try file.dataset($0.name) }
    if let table = arrays.first(where: { if case .compound = $0.datatype { true } else { false } }) {
      return ", but records: weft data hdf5 \(path) --inputs \(table.path) --output sequences.h5"
    }
    if let cells = arrays.first(where: { $0.datatype == .reference }) {
      let targets = arrays.first { $0.path != cells.path }.map { " --targets \($0.path)" } ?? ""
      return
        ", but references, such as cells of MATLAB: weft data hdf5 \(path) --inputs \(cells.path)\(targets)"
        + " --output sequences.h5"
    }
    if let rows = arrays.first(where: { if case .sequence = $0.datatype { true } else { false } }) {
      return
        ", but rows of variable length: weft data convert \(path) --inputs \(rows.name) --output ragged.h5"
    }
    if let inputs = try inputs(among: arrays) { return try advice(file, inputs, arrays) }
    if let pattern = try repeated(in: file) {
      return
        ", but a group for each sequence: weft data hdf5 \(path) --inputs '\(pattern)' --output sequences.h5"
    }
    return "; 'weft inspect' shows what it contains, and docs/data.md tells what to write"
  }

  /// The array that is probably the inputs: by its name, or that of most dimensions.
  private static func inputs(among arrays: [Dataset]) throws -> Dataset? {
    let numbers = try arrays.filter { try $0.datatype.isNumeric && !$0.shape.isEmpty }
    for name in SplitArrays.inputNames {
      if let found = numbers.first(where: { $0.name.lowercased() == name }) { return found }
    }
    return try numbers.max { try $0.shape.count < $1.shape.count }
  }

  /// Advice for arrays at the root.
  private static func advice(_ file: File, _ inputs: Dataset, _ arrays: [Dataset]) throws -> String {
    let others = arrays.filter { $0.path != inputs.path && ($0.datatype.isNumeric || $0.datatype.isString) }
    let named = SplitArrays.targetNames.lazy.compactMap { name in
      others.first { $0.name.lowercased() == name }
    }.first
    let rows = try inputs.shape.first
    let targets = try named ?? others.first { try $0.shape.first == rows }
    let list = arrays.prefix(6).map(\.name).joined(separator: ", ")
    let start = ", but arrays at the root (\(list)); "
    let names = "--inputs \(inputs.name)" + (targets.map { " --targets \($0.name)" } ?? "")
    let rank = try inputs.shape.count
    if rank > 3 {
      return start
        + "make features of the last dimensions of \(inputs.name): weft data hdf5 \(file.path) \(names)"
        + " --axes NT\(String(repeating: "F", count: rank - 2)) --output sequences.h5"
    }
    if try inputs.attributes.contains("MATLAB_class") {
      return start
        + "convert them: weft data hdf5 \(file.path) \(names) --split 0.8,0.1,0.1 --output sequences.h5"
    }
    return start
      + "divide them first: weft data split \(file.path) \(names) --fractions 0.8,0.1,0.1 --output divided.h5"
  }

  /// A pattern for datasets that several groups contain alike, at the root or in its only group.
  private static func repeated(in file: File) throws -> String? {
    var (container, start): (any Container, String) = (file, "")
    var groups = try file.children.filter(\.isGroup)
    if groups.count == 1 {
      start = groups[0].name + "/"
      container = try file.group(groups[0].name)
      groups = try container.children.filter(\.isGroup)
    }
    guard groups.count >= 2 else { return nil }
    let own = try groups.prefix(2).map { group in
      try Set(container.group(group.name).children.filter(\.isDataset).map(\.name))
    }
    let shared = own[0].intersection(own[1])
    guard let name = SplitArrays.inputNames.first(where: shared.contains) ?? shared.min() else { return nil }
    return "\(start){}/\(name)"
  }
}

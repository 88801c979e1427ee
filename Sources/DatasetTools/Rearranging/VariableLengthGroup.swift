import HDF5
import WeftBase

/// A group, or the root, that stores each sequence in one element of an HDF5 variable-length type.
struct VariableLengthGroup {
  /// The split to write.
  let name: String
  /// Objects of the root that belong to it.
  let objects: [String]
  private let file: File
  private let members: [(name: String, dataset: Dataset)]

  /// Sequences per read.
  private static let blockCount = 1024

  /// The groups of a file with such sequences; the root, as `train`, if it contains any.
  ///
  /// - Parameter names: New names of datasets of the root.
  static func all(in file: File, names: [String: String]) throws -> [VariableLengthGroup] {
    var groups: [VariableLengthGroup] = []
    for child in try file.children where child.isGroup {
      if let group = try VariableLengthGroup(file, group: child.name, names: [:]) { groups.append(group) }
    }
    if groups.isEmpty, let root = try VariableLengthGroup(file, group: nil, names: names) {
      groups.append(root)
    }
    return groups
  }

  private init?(_ file: File, group: String?, names: [String: String]) throws {
    let container: any Container = try group.map { try file.group($0) } ?? file
    var members: [(name: String, dataset: Dataset)] = []
    for child in try container.children where child.isDataset {
      if group == nil, !names.isEmpty, names[child.name] == nil { continue }
      members.append((names[child.name] ?? child.name, try file.dataset(child.path)))
    }
    let isVariable = members.contains {
      if case .sequence = $0.dataset.datatype { true } else { false }
    }
    guard isVariable else { return nil }
    // Without names, a single dataset of sequences is the inputs.
    let sequences = members.indices.filter {
      if case .sequence = members[$0].dataset.datatype { true } else { false }
    }
    if !members.contains(where: { $0.name == "inputs" || $0.name == "tokens" }) {
      guard sequences.count == 1 else {
        throw WeftError.data(
          "\(file.path): contains \(sequences.count) datasets of sequences; select them with --inputs,"
            + " --targets"
        )
      }
      members[sequences[0]].name = "inputs"
    }
    self.file = file
    self.members = members.sorted { $0.name == "inputs" && $1.name != "inputs" }
    name = group ?? "train"
    objects =
      try group.map { [$0] }
      ?? file.children.filter(\.isDataset).map(\.name).filter {
        names.isEmpty || names[$0] != nil
      }
  }

  /// Writes the split in ragged layout; returns the number of sequences.
  ///
  /// - Parameter floatKind: Type of floating-point inputs and targets; nil to keep theirs.
  /// - Throws: If the datasets do not have one row per sequence.
  func write(
    to writer: DatasetWriter, floatKind: ElementKind?, progress: ProgressReporter
  ) throws -> Int {
    let count = try members[0].dataset.shape.first ?? 0
    for (_, dataset) in members where try dataset.shape.first != count {
      throw WeftError.data(
        "\(file.path): dataset \(dataset.path): has \(try dataset.shape.first ?? 0) rows, expected \(count)"
          + " sequences"
      )
    }
    var lengths: [Int] = []
    for (name, dataset) in members {
      guard case .sequence(let base) = dataset.datatype else {
        let form = try MemberForm(dataset, name: name)
        if case .classes(let names) = form, try !writer.file.contains("classes") {
          try writer.file.write("classes", names)
        }
        let copier = try writer.copier(
          "\(self.name)/\(name)", like: dataset, rowShape: Array(try dataset.shape.dropFirst()), form: form)
        try copier.append(dataset, rows: 0..<count)
        continue
      }
      progress.begin("writing \(name)", total: count, unit: "sequences")
      guard var kind = base.elementKind, base.namedValues == nil else {
        throw WeftError.data(
          "\(file.path): dataset \(dataset.path): contains sequences of \(base); expected numbers")
      }
      if kind.isFloat, let floatKind, ["inputs", "targets"].contains(name) { kind = floatKind }
      let own = try write(dataset, as: kind.type, name: name, count: count, writer, progress)
      if lengths.isEmpty {
        lengths = own
        try writeOffsets("offsets", own, writer)
      } else if own != lengths {
        guard name == "targets" else {
          throw WeftError.data(
            "\(file.path): dataset \(dataset.path): its sequences differ in length from those of"
              + " \(members[0].dataset.path)"
          )
        }
        try writeOffsets("target_offsets", own, writer)
      }
    }
    return count
  }

  private func writeOffsets(_ name: String, _ lengths: [Int], _ writer: DatasetWriter) throws {
    let offsets = writer.array("\(self.name)/\(name)", of: Int64.self, labels: ["sequence boundary"])
    var total = 0
    try offsets.append(0)
    for length in lengths {
      total += length
      try offsets.append(Int64(total))
    }
  }

  private func write<Element: HDF5Element>(
    _ dataset: Dataset, as type: Element.Type, name: String, count: Int, _ writer: DatasetWriter,
    _ progress: ProgressReporter
  ) throws -> [Int] {
    let array = writer.array("\(self.name)/\(name)", of: type, labels: ["step"])
    var lengths: [Int] = []
    for first in stride(from: 0, to: count, by: Self.blockCount) {
      let block = min(Self.blockCount, count - first)
      if Element.elementKind.isFloat {
        let values = try dataset.readSequences(as: Double.self, offset: [first], count: [block])
        try NumberLimit(kind: Element.elementKind).check(values.flatMap(\.self), of: dataset)
      }
      for sequence in try dataset.readSequences(as: type, offset: [first], count: [block]) {
        guard !sequence.isEmpty else {
          throw WeftError.data(
            "\(file.path): dataset \(dataset.path): sequence \(lengths.count) is empty")
        }
        try array.append(sequence)
        lengths.append(sequence.count)
      }
      progress.advance(by: block)
    }
    return lengths
  }
}

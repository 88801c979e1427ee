import HDF5
import WeftBase
import WeftData

/// What is known of each sequence of some groups, by which it is assigned to a split.
struct SequenceKeys {
  let file: File
  let groups: [SequenceGroup]
  /// Number of sequences of all groups.
  let count: Int

  /// One text for each sequence: the values of a dataset of the groups or of the root, or of an attribute, `@name`.
  ///
  /// - Throws: If there is none, or it has another number of values.
  func texts(_ name: String) throws -> [String] {
    var values: [String] = []
    if let group = groups.first,
      try !name.hasPrefix("/") && !name.hasPrefix("@") && group.container.contains(name)
    {
      for group in groups { values += try texts(of: group.container.dataset(name)) }
    } else if name.hasPrefix("@") {
      let own = String(name.dropFirst())
      for group in groups {
        let attributes = group.attributes
        let holder = try attributes.contains(own) ? attributes : file.attributes
        guard try holder.contains(own) else { throw missing(name) }
        values += (try? holder.values(own, as: String.self)) ?? []
        if values.isEmpty { values += try holder.values(own, as: Int.self).map(String.init) }
      }
    } else {
      guard try file.contains(name) else { throw missing(name) }
      values = try texts(of: file.dataset(name))
    }
    guard values.count == count else {
      throw WeftError.data(
        "\(file.path): '\(name)' has \(values.count) values, but there are \(count) sequences")
    }
    return values
  }

  private func missing(_ name: String) -> WeftError {
    .data("\(file.path): no dataset or attribute '\(name)'")
  }

  private func texts(of dataset: Dataset) throws -> [String] {
    if let classes = try dataset.oneHotClasses() { return classes.map(String.init) }
    switch dataset.datatype {
    case .string, .fixedString: return try dataset.read(as: String.self)
    case .float:
      return try dataset.read(as: Double.self).map { value in
        value == value.rounded() && abs(value) < 0x1p53 ? String(Int(value)) : "\(value)"
      }
    default: return try dataset.read(as: Int.self).map(String.init)
    }
  }

  /// The numbers of a dataset, with its place for errors.
  func numbers(_ name: String) throws -> (numbers: [Int], place: String) {
    let place = "\(file.path): dataset \(name)"
    let container: any Container =
      try groups.first.map {
        try !name.hasPrefix("/") && $0.container.contains(name) ? $0.container : file
      } ?? file
    guard try container.contains(name) else { throw missing(name) }
    let dataset = try container.dataset(name)
    if dataset.datatype == .bool {
      // A Boolean for each sequence.
      let flags = try dataset.read(as: Bool.self)
      guard flags.count == count else {
        throw WeftError.data(
          "\(place): has \(flags.count) values, but there are \(count) sequences")
      }
      return (flags.indices.filter { flags[$0] }, place)
    }
    return (try dataset.readWholeNumbers(), place)
  }

  /// A hash of the inputs of each sequence.
  func contentHashes() throws -> [UInt64] {
    var hashes: [UInt64] = []
    hashes.reserveCapacity(count)
    for group in groups {
      for item in 0..<group.count {
        let (dataset, rows) = (group.input.dataset, group.rows(group.input, of: item))
        let rest = Array(try dataset.shape.dropFirst())
        // As doubles, so that equal numbers of different types are assigned equally.
        let values = try dataset.read(
          as: Double.self, offset: [rows.lowerBound] + rest.map { _ in 0 },
          count: [rows.count] + rest)
        hashes.append(values.withUnsafeBytes { ContentHash($0).value })
      }
    }
    return hashes
  }
}

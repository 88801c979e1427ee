import HDF5
import WeftBase
import WeftData

extension StateDictionary {
  /// Reads one array per dataset; group names are joined with dots.
  package init(hdf5 path: String) throws(WeftError) {
    self = try InputFile.reading(path) { file in
      var dictionary = StateDictionary()
      let budget = FileBudget(of: path)
      try file.root.visit { visit in
        try budget.take(objects: 1)
        guard visit.child.isDataset else { return }
        let dataset = try file.dataset(visit.child.path)
        guard dataset.datatype.isNumeric else { return }
        let name = visit.child.path.dropFirst().split(separator: "/").joined(separator: ".")
        dictionary.arrays[name] = try Array(dataset, budget)
      }
      dictionary.metadata = try file.metadataEntries
      return dictionary
    }
  }

  /// Writes one dataset per array, with its name.
  package func write(hdf5 path: String) throws(WeftError) {
    try OutputFile.replace(path) { file in
      for (name, array) in arrays.sorted(by: { $0.key < $1.key }) {
        try file.write(name, array.values, shape: array.shape)
      }
      try file.setMetadata(metadata)
    }
  }
}

extension StateDictionary.Array {
  /// Reads a dataset, whose memory the file's budget bounds.
  init(_ dataset: Dataset, _ budget: FileBudget) throws {
    let shape = try dataset.shape
    try budget.take(elements: shape, of: MemoryLayout<Float>.stride)
    if dataset.datatype == .opaque(byteCount: 2) {
      throw WeftError.model(
        "\(dataset.file): dataset \(dataset.path): holds bfloat16 numbers, for which HDF5 has no type; save the model in float32"
      )
    }
    self.init(shape: shape, values: try dataset.read(as: Float.self))
  }
}

extension File {
  /// Metadata of a network, in text attributes of the root.
  var metadataEntries: [String: String] {
    get throws {
      var entries: [String: String] = [:]
      for name in try attributes.names where name.hasPrefix(NetworkMetadata.prefix) {
        entries[name] = try attributes.value(name, as: String.self)
      }
      for name in ForeignClasses.keys where try attributes.contains(name) {
        entries[name] = try? attributes.value(name, as: String.self)
      }
      return entries
    }
  }

  func setMetadata(_ entries: [String: String]) throws {
    for (name, text) in entries.sorted(by: { $0.key < $1.key }) { try attributes.set(name, to: text) }
  }
}

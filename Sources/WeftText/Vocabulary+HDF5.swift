import HDF5
import WeftBase

extension Vocabulary {
  /// Reads the vocabulary with a name from a file; nil if there is none.
  ///
  /// The dataset contains the text of each token; its attribute `unit`, or that of the root, is the token unit. For
  /// subwords, the dataset with the suffix `_model` contains the SentencePiece model.
  /// - Parameter check: Called with every dataset after reading it.
  package init?(
    in file: File, name: String, check: (Dataset) throws -> Void = { _ in }
  ) throws {
    guard try file.contains(name) else { return nil }
    let dataset = try file.dataset(name)
    func attribute(_ name: String) throws -> Attributes? {
      if try dataset.attributes.contains(name) { return dataset.attributes }
      return try file.attributes.contains(name) ? file.attributes : nil
    }
    let unitName = try attribute("unit")?.value("unit", as: String.self)
    let unit = unitName.map { Unit(rawValue: $0) ?? .word } ?? .character
    let isLowercase = try attribute("lowercase")?.value("lowercase", as: Bool.self) ?? false
    let tokens = try dataset.read(as: String.self)
    try check(dataset)
    do {
      if unit == .subword, try file.contains(name + "_model") {
        let model = try file.dataset(name + "_model")
        let bytes = try model.read(as: UInt8.self)
        try check(model)
        try self.init(subwords: SubwordModel(bytes: bytes), isLowercase: isLowercase)
        guard tokens == self.tokens else {
          throw WeftError.data("its tokens differ from those of its model, /\(name)_model")
        }
      } else {
        try self.init(tokens: tokens, unit: unit, isLowercase: isLowercase)
      }
    } catch let error as WeftError {
      throw WeftError.data("dataset /\(name): \(error)")
    }
  }

  /// Writes the vocabulary with a name.
  ///
  /// - Parameter hasChecksums: Whether to store text with a fixed length, so that HDF5 can add checksums.
  package func write(to file: File, name: String, hasChecksums: Bool) throws {
    let filters: [Filter] = hasChecksums ? [.fletcher32] : []
    let dataset =
      hasChecksums
      ? try file.write(name, fixedLength: tokens, filters: filters) : try file.write(name, tokens)
    if hasChecksums {
      try dataset.attributes.set("unit", toFixedLength: unit.rawValue)
    } else {
      try dataset.attributes.set("unit", to: unit.rawValue)
    }
    if isLowercase { try dataset.attributes.set("lowercase", to: true) }
    if let subwords { try file.write(name + "_model", subwords.bytes, filters: filters) }
  }
}

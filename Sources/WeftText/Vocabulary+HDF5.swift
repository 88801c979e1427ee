import HDF5
import WeftBase

extension Vocabulary {
  /// Reads the vocabulary that lies in a file under a name; nil if there is none.
  ///
  /// The dataset holds the text of each token; its attribute `unit`, or that of the root, says what a token is. A
  /// dataset called as it with `_model` after it holds the SentencePiece model of subwords.
  /// - Parameter check: Called with every dataset after it was read.
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
          throw WeftError.failure("holds other tokens than its model, /\(name)_model")
        }
      } else {
        try self.init(tokens: tokens, unit: unit, isLowercase: isLowercase)
      }
    } catch let error as WeftError {
      throw WeftError.failure("dataset /\(name): \(error)")
    }
  }

  /// Writes the vocabulary under a name.
  ///
  /// - Parameter hasChecksums: Whether text is stored in a form that HDF5 has checksums for: of fixed length.
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

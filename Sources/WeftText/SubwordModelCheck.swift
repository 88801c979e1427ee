import WeftBase

/// Checks a serialized SentencePiece model before the library opens it.
///
/// The library trusts its models: one with a table that leads outside crashes the process. What is checked here is all
/// that it follows without looking, and what it needs to encode any text. Source: SentencePiece,
/// `sentencepiece_model.proto`.
struct SubwordModelCheck {
  /// Types of pieces.
  private enum Kind: UInt64 {
    case normal = 1
    case unknown, control, userDefined, unused, byte
  }

  private var pieceCount = 0
  private var normalCount = 0
  private var userDefined: [ArraySlice<UInt8>] = []
  private var trainerCount = 0
  private var normalizerCount = 0
  /// Ids of special pieces; −1 for none.
  private var specialIDs: [Int] = []

  /// Multilingual models have 250,000 pieces, of at most a few dozen bytes.
  private static let (maximumByteCount, maximumPieceCount, maximumPiece) = (256 << 20, 1 << 20, 4096)
  /// The library keeps so many user-defined pieces that begin at one place of a text, whose number it does not check.
  private static let maximumNesting = 64

  /// - Throws: If the model is damaged.
  static func check(_ bytes: [UInt8]) throws(WeftError) {
    guard bytes.count <= maximumByteCount else { throw damaged("it has \(bytes.count) bytes") }
    var check = SubwordModelCheck()
    try fields(bytes[...]) { field throws(WeftError) in try check.take(field) }
    try check.finish()
  }

  private static func damaged(_ what: String) -> WeftError {
    .data("is not a SentencePiece model: \(what)")
  }

  private static func fields(
    _ message: ArraySlice<UInt8>, _ body: (WireFields.Field) throws(WeftError) -> Void
  ) throws(WeftError) {
    var fields = WireFields(message)
    while let field = fields.next() { try body(field) }
    guard fields.isIntact else { throw damaged("it is incomplete") }
  }

  private mutating func take(_ field: WireFields.Field) throws(WeftError) {
    switch (field.number, field.content) {
    case (1, .bytes(let piece)): try takePiece(piece)
    case (2, .bytes(let trainer)):
      trainerCount += 1
      try takeTrainer(trainer)
    case (3, .bytes(let normalizer)), (5, .bytes(let normalizer)):
      if field.number == 3 { normalizerCount += 1 }
      try Self.takeNormalizer(normalizer)
    case (1...5, let content):
      guard case .bytes = content else { throw Self.damaged("field \(field.number) is no message") }
    default: break
    }
  }

  private mutating func takePiece(_ message: ArraySlice<UInt8>) throws(WeftError) {
    var (text, kind) = (ArraySlice<UInt8>(), Kind.normal)
    let number = pieceCount
    try Self.fields(message) { field throws(WeftError) in
      switch (field.number, field.content) {
      case (1, .bytes(let bytes)): text = bytes
      case (2, .fixed32(let bits)):
        // Logarithms of probabilities, or negative ranks.
        guard Float(bitPattern: bits).magnitude <= 1e9 else {
          throw Self.damaged("piece \(number) has the score \(Float(bitPattern: bits))")
        }
      case (3, .integer(let value)):
        guard let known = Kind(rawValue: value) else {
          throw Self.damaged("piece \(number) is of type \(value)")
        }
        kind = known
      case (1...3, _): throw Self.damaged("piece \(number) has a field of another type")
      default: break
      }
    }
    guard !text.isEmpty, text.count <= Self.maximumPiece, !text.contains(0),
      String(validating: text, as: UTF8.self) != nil
    else { throw Self.damaged("piece \(number) is empty, too long or not UTF-8 text") }
    pieceCount += 1
    guard pieceCount <= Self.maximumPieceCount else {
      throw Self.damaged("it has more than \(Self.maximumPieceCount) pieces")
    }
    if kind == .normal { normalCount += 1 }
    if kind == .userDefined { userDefined.append(text) }
  }

  private mutating func takeTrainer(_ message: ArraySlice<UInt8>) throws(WeftError) {
    var ids: [Int] = []
    try Self.fields(message) { field throws(WeftError) in
      guard case .integer(let value) = field.content else { return }
      switch field.number {
      case 3:
        guard (1...4).contains(value) else { throw Self.damaged("it is of type \(value)") }
      case 40...43: ids.append(Int(truncatingIfNeeded: value))
      default: break
      }
    }
    specialIDs += ids
  }

  private static func takeNormalizer(_ message: ArraySlice<UInt8>) throws(WeftError) {
    try fields(message) { field throws(WeftError) in
      guard field.number == 2 else { return }
      guard case .bytes(let table) = field.content else {
        throw damaged("its normalization table is no text")
      }
      if !table.isEmpty { _ = try NormalizationTable(table) }
    }
  }

  private func finish() throws(WeftError) {
    // Repeated ones would be merged.
    guard trainerCount <= 1, normalizerCount <= 1 else {
      throw Self.damaged("it has two trainers or normalizers")
    }
    guard normalCount > 0 else { throw Self.damaged("it has no pieces for text") }
    if let id = specialIDs.first(where: { !(-1..<pieceCount).contains($0) }) {
      throw Self.damaged("special piece \(id) is not one of its \(pieceCount) pieces")
    }
    var open: [ArraySlice<UInt8>] = []
    for piece in userDefined.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      while let last = open.last, !piece.starts(with: last) { open.removeLast() }
      open.append(piece)
      guard open.count <= Self.maximumNesting else {
        throw Self.damaged("more than \(Self.maximumNesting) user-defined pieces begin alike")
      }
    }
  }
}

/// The tokens that a model reads and writes; a token's place is its number.
public struct Vocabulary: Sendable, Equatable {
  /// What a token is, which decides how text is cut into tokens.
  public enum Unit: String, Sendable {
    /// One Unicode scalar each.
    case character
    /// Separated by spaces.
    case word
  }

  /// The text of each token.
  public let tokens: [String]
  /// What a token is.
  public let unit: Unit
  /// By a token's UTF-8, for Swift holds texts that Unicode calls equivalent to be equal: "Å" and the "Å" of physics.
  private let numbers: [[UInt8]: Int32]

  /// A vocabulary of distinct tokens.
  ///
  /// - Throws: If a token is there twice, or there are none.
  public init(tokens: [String], unit: Unit = .character) throws(WeftError) {
    guard !tokens.isEmpty else { throw .failure("the vocabulary is empty") }
    self.tokens = tokens
    self.unit = unit
    var numbers: [[UInt8]: Int32] = [:]
    for (number, token) in tokens.enumerated() {
      if let earlier = numbers.updateValue(Int32(number), forKey: Array(token.utf8)) {
        throw .failure("the vocabulary has \(token.debugDescription) twice, as \(earlier) and \(number)")
      }
    }
    self.numbers = numbers
  }

  /// Number of tokens.
  public var count: Int { tokens.count }

  /// The text of the token that stands for every word that has none of its own.
  public static let unknownToken = "<unk>"

  /// A text as tokens.
  public struct Encoding: Sendable, Equatable {
    /// Their numbers.
    public internal(set) var tokens: [Int32] = []
    /// What is not in the vocabulary, in the order of the text, each once.
    public internal(set) var unknown: [String] = []
  }

  /// The numbers of a text's tokens, with that of the unknown token in place of what is not in the vocabulary.
  ///
  /// - Throws: As ``encode(_:)`` where the vocabulary has no such token.
  public func encodeWithUnknown(_ text: String) throws(WeftError) -> Encoding {
    guard let stand = numbers[Array(Self.unknownToken.utf8)] else {
      return Encoding(tokens: try encode(text))
    }
    var encoding = Encoding()
    for part in parts(of: text) {
      let number = numbers[Array(part.utf8)]
      encoding.tokens.append(number ?? stand)
      if number == nil, !encoding.unknown.contains(part) { encoding.unknown.append(part) }
    }
    return encoding
  }

  private func parts(of text: String) -> [String] {
    switch unit {
    case .character: text.unicodeScalars.map(String.init)
    case .word: text.split(whereSeparator: \.isWhitespace).map(String.init)
    }
  }

  /// The numbers of a text's tokens.
  ///
  /// - Throws: A usage error that names the first token outside the vocabulary and where it stands.
  public func encode(_ text: String) throws(WeftError) -> [Int32] {
    let parts = parts(of: text)
    var result: [Int32] = []
    result.reserveCapacity(parts.count)
    for (index, part) in parts.enumerated() {
      guard let number = numbers[Array(part.utf8)] else {
        throw .usage(
          "\(unit.rawValue) \(index + 1) of the text, \(part.debugDescription), is not in the model's"
            + " vocabulary of \(count)")
      }
      result.append(number)
    }
    return result
  }

  /// The text of tokens.
  public func decode(_ numbers: [Int32]) -> String {
    numbers.map { tokens[Int($0)] }.joined(separator: unit == .character ? "" : " ")
  }
}

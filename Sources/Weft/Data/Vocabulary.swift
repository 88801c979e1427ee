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

  /// The numbers of a text's tokens.
  ///
  /// - Throws: A usage error that names the first token outside the vocabulary and where it stands.
  public func encode(_ text: String) throws(WeftError) -> [Int32] {
    let parts: [String] =
      switch unit {
      case .character: text.unicodeScalars.map(String.init)
      case .word: text.split(whereSeparator: \.isWhitespace).map(String.init)
      }
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

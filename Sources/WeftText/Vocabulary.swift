import WeftBase

/// The tokens that a model reads and writes; a token's place is its number.
public struct Vocabulary: Sendable, Equatable {
  /// What a token is, which decides how text is cut into tokens.
  public enum Unit: String, Sendable, CaseIterable {
    /// One Unicode scalar each.
    case character
    /// A word, a punctuation mark or a line break.
    case word
    /// A piece between a character and a word, as a model learned from text cuts it.
    case subword
  }

  /// Stands for what is not in a vocabulary.
  public static let unknownToken = "<unk>"
  /// Fills up sequences.
  public static let paddingToken = "<pad>"
  /// Begins a sequence.
  public static let beginningToken = "<bos>"
  /// Ends a sequence.
  public static let endToken = "<eos>"

  /// The text of each token.
  public let tokens: [String]
  /// What a token is.
  public let unit: Unit
  /// Whether text is made lower case before it is cut.
  public let isLowercase: Bool
  /// What cuts text into subwords; nil of other units.
  package let subwords: SubwordModel?
  /// By a token's UTF-8, for Swift holds texts that Unicode calls equivalent to be equal: "Å" and the "Å" of physics.
  private let numbers: [[UInt8]: Int32]
  /// Of single characters.
  private let scalarNumbers: [Unicode.Scalar: Int32]

  /// A vocabulary of distinct tokens.
  ///
  /// - Throws: If a token is there twice, or there are none.
  public init(tokens: [String], unit: Unit = .character, isLowercase: Bool = false) throws(WeftError) {
    try self.init(tokens: tokens, unit: unit, isLowercase: isLowercase, subwords: nil)
  }

  /// The pieces of a subword model.
  ///
  /// - Throws: If the model is damaged.
  package init(subwords: SubwordModel, isLowercase: Bool = false) throws(WeftError) {
    try self.init(tokens: subwords.pieces, unit: .subword, isLowercase: isLowercase, subwords: subwords)
  }

  private init(tokens: [String], unit: Unit, isLowercase: Bool, subwords: SubwordModel?) throws(WeftError) {
    guard !tokens.isEmpty else { throw .failure("the vocabulary is empty") }
    self.tokens = tokens
    self.unit = unit
    self.isLowercase = isLowercase
    self.subwords = subwords
    var numbers: [[UInt8]: Int32] = [:]
    var scalarNumbers: [Unicode.Scalar: Int32] = [:]
    for (number, token) in tokens.enumerated() {
      if let earlier = numbers.updateValue(Int32(number), forKey: Array(token.utf8)) {
        throw .failure("the vocabulary has \(token.debugDescription) twice, as \(earlier) and \(number)")
      }
      let scalars = token.unicodeScalars
      if let scalar = scalars.first, scalars.count == 1 { scalarNumbers[scalar] = Int32(number) }
    }
    self.numbers = numbers
    self.scalarNumbers = scalarNumbers
  }

  /// Number of tokens.
  public var count: Int { tokens.count }

  /// The number of a token; nil if there is none such.
  public func number(of token: some StringProtocol) -> Int32? { numbers[Array(token.utf8)] }

  /// The number of the token for what is not in the vocabulary; nil if there is none.
  public var unknown: Int32? { number(of: Self.unknownToken) }

  /// Whether a token stands for no text.
  func isSilent(_ number: Int32) -> Bool {
    [Self.paddingToken, Self.beginningToken, Self.endToken].contains(tokens[Int(number)])
  }

  /// The numbers of a text's tokens.
  ///
  /// - Throws: Unless the vocabulary has a token for what is unknown, a usage error that names the first token outside
  ///   the vocabulary and where it stands.
  public func encode(_ text: String) throws(WeftError) -> [Int32] {
    let text = isLowercase ? text.lowercased() : text
    switch unit {
    case .character:
      let unknown = unknown
      var result: [Int32] = []
      result.reserveCapacity(text.utf8.count)
      for (index, scalar) in text.unicodeScalars.enumerated() {
        guard let number = scalarNumbers[scalar] ?? unknown else {
          throw missing(String(scalar), index)
        }
        result.append(number)
      }
      return result
    case .word: return try encodeWords(text)
    case .subword: return try encodeSubwords(text)
    }
  }

  private func encodeWords(_ text: String) throws(WeftError) -> [Int32] {
    let unknown = unknown
    var result: [Int32] = []
    for (index, word) in WordSegmenter.words(text).enumerated() {
      guard let number = number(of: word) ?? unknown else { throw missing(String(word), index) }
      result.append(number)
    }
    return result
  }

  private func encodeSubwords(_ text: String) throws(WeftError) -> [Int32] {
    guard let subwords else {
      throw .failure("the vocabulary lacks the model that cuts text into its subwords")
    }
    let lineBreak = number(of: "\n")
    var result: [Int32] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if index > 0 {
        guard let number = lineBreak ?? unknown else { throw missing("\n", result.count) }
        result.append(number)
      }
      result += subwords.encode(line: line)
    }
    return result
  }

  private func missing(_ token: String, _ index: Int) -> WeftError {
    .usage(
      "\(unit.rawValue) \(index + 1) of the text, \(token.debugDescription), is not in the model's"
        + " vocabulary of \(count)")
  }

  /// The text of tokens.
  public func decode(_ numbers: [Int32]) -> String {
    var text = TokenText(self)
    return numbers.map { text.append($0) }.joined()
  }
}

import WeftBase

/// The tokens of a model; the id of a token is its index.
public struct Vocabulary: Sendable, Equatable {
  /// Token unit, which determines how text is segmented.
  public enum Unit: String, Sendable, CaseIterable {
    /// One byte of UTF-8.
    case byte
    /// One Unicode scalar.
    case character
    /// A word, a punctuation mark or a line break.
    case word
    /// A run of characters between spaces, or a line break: a token of a corpus that is tokenized already.
    case token
    /// A subword of a SentencePiece model.
    case subword
  }

  /// The token for text outside the vocabulary, `<unk>`.
  public static let unknownToken = "<unk>"
  /// The padding token, `<pad>`.
  public static let paddingToken = "<pad>"
  /// The token at the start of a sequence, `<bos>`.
  public static let beginningToken = "<bos>"
  /// The token at the end of a sequence, `<eos>`.
  public static let endToken = "<eos>"
  /// All of these, which corpora contain as text, too.
  static let specialTokens = [unknownToken, paddingToken, beginningToken, endToken]

  /// The text of each token.
  public let tokens: [String]
  /// Token unit.
  public let unit: Unit
  /// Whether text is converted to lower case before segmentation.
  public let isLowercase: Bool
  /// The subword model; nil for other units.
  package let subwords: SubwordModel?
  /// Ids of tokens.
  private let numbers: [TokenKey: Int32]
  /// Ids of single characters.
  private let scalarNumbers: [Unicode.Scalar: Int32]
  /// Those of ASCII, which most are, by their codes; −1 for none.
  private let asciiNumbers: [Int32]

  /// A vocabulary of distinct tokens.
  ///
  /// - Throws: If there are no tokens, or a token occurs twice.
  public init(tokens: [String], unit: Unit = .character, isLowercase: Bool = false) throws(WeftError) {
    try self.init(tokens: tokens, unit: unit, isLowercase: isLowercase, subwords: nil)
  }

  /// A vocabulary of the pieces of a subword model.
  ///
  /// - Throws: If the model is damaged.
  package init(subwords: SubwordModel, isLowercase: Bool = false) throws(WeftError) {
    try self.init(tokens: subwords.pieces, unit: .subword, isLowercase: isLowercase, subwords: subwords)
  }

  /// The vocabulary of all 256 bytes; bytes other than line breaks and printable characters are
  /// written as `<0xE9>`.
  public static let bytes: Vocabulary = {
    let tokens = (0..<256).map { (number: Int) -> String in
      if number == 0x0A || (0x20..<0x7F).contains(number) { return String(UnicodeScalar(UInt8(number))) }
      let digits = String(number, radix: 16, uppercase: true)
      return "<0x" + (digits.count < 2 ? "0" : "") + digits + ">"
    }
    guard let vocabulary = try? Vocabulary(tokens: tokens, unit: .byte) else {
      preconditionFailure("the tokens of bytes are distinct")
    }
    return vocabulary
  }()

  private init(tokens: [String], unit: Unit, isLowercase: Bool, subwords: SubwordModel?) throws(WeftError) {
    guard !tokens.isEmpty else { throw .data("the vocabulary is empty") }
    if unit == .byte, tokens.count != 256 {
      throw .data("the vocabulary of bytes has \(tokens.count) tokens, not 256")
    }
    self.tokens = tokens
    self.unit = unit
    self.isLowercase = isLowercase
    self.subwords = subwords
    var numbers: [TokenKey: Int32] = [:]
    numbers.reserveCapacity(tokens.count)
    var scalarNumbers: [Unicode.Scalar: Int32] = [:]
    for (number, token) in tokens.enumerated() {
      if let earlier = numbers.updateValue(Int32(number), forKey: TokenKey(token[...])) {
        throw .data("the vocabulary contains \(token.debugDescription) twice, at \(earlier) and \(number)")
      }
      let scalars = token.unicodeScalars
      if let scalar = scalars.first, scalars.count == 1 { scalarNumbers[scalar] = Int32(number) }
    }
    self.numbers = numbers
    self.scalarNumbers = scalarNumbers
    asciiNumbers = (0..<128).map { scalarNumbers[Unicode.Scalar(UInt8($0))] ?? -1 }
  }

  /// Number of tokens.
  public var count: Int { tokens.count }

  /// The id of a token; nil if it is not in the vocabulary.
  public func number(of token: some StringProtocol) -> Int32? { numbers[TokenKey(Substring(token))] }

  /// The id of `<unk>`; nil if the vocabulary does not contain it.
  public var unknown: Int32? { number(of: Self.unknownToken) }

  /// Whether a token has no text.
  func isSilent(_ number: Int32) -> Bool {
    [Self.paddingToken, Self.beginningToken, Self.endToken].contains(tokens[Int(number)])
  }

  /// Encodes text into token ids.
  ///
  /// - Throws: Without `<unk>`, a usage error that names the first token outside the vocabulary and its position.
  public func encode(_ text: String) throws(WeftError) -> [Int32] {
    let text = isLowercase ? text.lowercased() : text
    switch unit {
    case .character:
      let unknown = unknown
      var result: [Int32] = []
      result.reserveCapacity(text.utf8.count)
      for (index, scalar) in text.unicodeScalars.enumerated() {
        let number =
          scalar.isASCII ? asciiNumbers[Int(scalar.value)] : scalarNumbers[scalar] ?? -1
        guard let number = number >= 0 ? number : unknown else { throw missing(String(scalar), index) }
        result.append(number)
      }
      return result
    case .byte: return text.utf8.map { Int32($0) }
    case .word: return try encode(WordSegmenter.words(text))
    case .token: return try encode(WordSegmenter.tokens(text))
    case .subword: return try encodeSubwords(text)
    }
  }

  private func encode(_ words: [Substring]) throws(WeftError) -> [Int32] {
    let unknown = unknown
    var result: [Int32] = []
    result.reserveCapacity(words.count)
    for (index, word) in words.enumerated() {
      guard let number = numbers[TokenKey(word)] ?? unknown else { throw missing(String(word), index) }
      result.append(number)
    }
    return result
  }

  private func encodeSubwords(_ text: String) throws(WeftError) -> [Int32] {
    guard let subwords else {
      throw .data("the vocabulary lacks its subword model")
    }
    let lineBreak = number(of: "\n")
    var result: [Int32] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if index > 0 {
        guard let number = lineBreak ?? unknown else { throw missing("\n", result.count) }
        result.append(number)
      }
      result += try subwords.encode(line: line)
    }
    return result
  }

  private func missing(_ token: String, _ index: Int) -> WeftError {
    .usage(
      "\(unit.rawValue) \(index + 1) of the text, \(token.debugDescription), is not in the model's"
        + " vocabulary of \(count)")
  }

  /// Decodes token ids into text.
  public func decode(_ numbers: [Int32]) -> String {
    var text = TokenText(self)
    return numbers.map { text.append($0) }.joined()
  }
}

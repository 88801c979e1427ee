import WeftText

/// How a vocabulary is made from text.
public struct VocabularyOptions: Sendable, Equatable {
  /// How subwords are found.
  public enum SubwordAlgorithm: String, Sendable, CaseIterable {
    /// Byte-pair encoding: the most frequent neighbours are joined (Sennrich, Haddow, Birch 2016).
    case bpe
    /// A unigram language model from which unlikely pieces are removed (Kudo 2018).
    case unigram
  }

  /// What a token is.
  public var unit: Vocabulary.Unit
  /// The greatest number of tokens, special ones among them; nil for no limit, of subwords 8,000.
  public var size: Int?
  /// Rarer characters and words are `<unk>`; nil for 1 of characters and 2 of words, so that a model sees `<unk>`.
  public var minimumCount: Int?
  /// Whether text is made lower case first.
  public var isLowercase = false
  /// How subwords are found.
  public var algorithm = SubwordAlgorithm.bpe

  /// Everything, as written.
  public init(unit: Vocabulary.Unit) { self.unit = unit }

  var count: Int { minimumCount ?? (unit == .word ? 2 : 1) }
}

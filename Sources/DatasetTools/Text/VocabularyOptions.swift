import WeftText

/// Options for building a vocabulary from text.
public struct VocabularyOptions: Sendable, Equatable {
  /// Subword algorithm.
  public enum SubwordAlgorithm: String, Sendable, CaseIterable {
    /// Byte-pair encoding: the most frequent adjacent pairs are merged (Sennrich, Haddow, Birch 2016).
    case bpe
    /// A unigram language model from which improbable pieces are pruned (Kudo 2018).
    case unigram
  }

  /// Unit of a token.
  public var unit: Vocabulary.Unit
  /// Maximum number of tokens, including special ones; nil for no limit, or 8,000 for subwords.
  public var size: Int?
  /// Characters, words and tokens with fewer occurrences become `<unk>`; nil for 1, but 2 for words, so that `<unk>`
  /// occurs in training.
  public var minimumCount: Int?
  /// Whether to convert text to lower case.
  public var isLowercase = false
  /// Subword algorithm.
  public var algorithm = SubwordAlgorithm.bpe

  /// The default options.
  public init(unit: Vocabulary.Unit) { self.unit = unit }

  /// A text as its tokens are counted, whatever a vocabulary that encodes it would make of it.
  func converted(_ text: String) -> String { isLowercase ? text.lowercased() : text }

  var count: Int { minimumCount ?? (unit == .word ? 2 : 1) }
}

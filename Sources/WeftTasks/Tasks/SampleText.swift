import WeftData
import WeftText

/// What a model writes, for people to see how it gets on.
package struct SampleText: Sendable, Equatable {
  /// What it read; nil where that is no text.
  package var source: String?
  /// What it should have written; nil where nothing is right or wrong.
  package var reference: String?
  /// What it wrote.
  package var written: String

  package init(source: String? = nil, reference: String? = nil, written: String) {
    self.source = source
    self.reference = reference
    self.written = written
  }
}

extension Minibatch {
  /// What a row reads, as text; nil where it is no text.
  package func text(ofRow row: Int, vocabulary: Vocabulary?) -> String? {
    guard let vocabulary, case .tokens(let tokens) = inputs else { return nil }
    return vocabulary.decode(Array(tokens[offsets[row]..<offsets[row + 1]]))
  }

  /// The tokens to write, or the labels, of a row; none where targets are something else.
  package func targetTokens(ofRow row: Int) -> [Int32] {
    targets?.sequences.map { Array($0.tokens(ofRow: row)) } ?? []
  }
}

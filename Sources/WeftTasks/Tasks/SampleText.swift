import WeftData
import WeftText

/// A sample of generated text, to follow training.
package struct SampleText: Sendable, Equatable {
  /// The source; nil if it is not text.
  package var source: String?
  /// The reference; nil if there is none.
  package var reference: String?
  /// The generated text.
  package var written: String

  package init(source: String? = nil, reference: String? = nil, written: String) {
    self.source = source
    self.reference = reference
    self.written = written
  }
}

extension Minibatch {
  /// The inputs of a row as text; nil if they are not text.
  package func text(ofRow row: Int, vocabulary: Vocabulary?) -> String? {
    guard let vocabulary, case .tokens(let tokens) = inputs else { return nil }
    return vocabulary.decode(Array(tokens[offsets[row]..<offsets[row + 1]]))
  }

  /// The target tokens or labels of a row; empty for other targets.
  package func targetTokens(ofRow row: Int) -> [Int32] {
    targets?.sequences.map { Array($0.tokens(ofRow: row)) } ?? []
  }
}

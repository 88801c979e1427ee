import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftMetrics

@Suite("Metrics of texts") struct TextMetricTests {
  static let tolerance = 1e-9

  @Test("Words are sacreBLEU's")
  func tokenization() throws {
    let group = try GoldenFile.metrics.open().group("tokenization")
    for (text, expected) in zip(try group.texts("texts"), try group.texts("tokenized")) {
      let words = BLEU.Tokenization.international13a.words(text)
      #expect(words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ") == expected)
    }
  }

  static let corpora = [
    "one_13a", "one_none", "two_13a", "two_none", "equal_13a", "equal_none", "short", "smoothed", "nothing",
    "captions",
  ]

  @Test("BLEU, its precisions and its penalty are sacreBLEU's", arguments: corpora)
  func bleu(corpus: String) throws {
    let group = try GoldenFile.metrics.open().group("bleu_\(corpus)")
    let sets: Int = try group.attributes.value("sets")
    let texts = try group.texts("texts")
    let references = try (0..<sets).map { try group.texts("references\($0)") }
    let tokenization = try #require(
      BLEU.Tokenization(rawValue: try group.attributes.value("tokenization", as: String.self)))
    let result = BLEU(
      texts, references: texts.indices.map { segment in references.map { $0[segment] } },
      tokenization: tokenization)
    #expect(abs(result.score - (try group.doubles("score")[0])) < Self.tolerance)
    #expect(abs(result.brevityPenalty - (try group.doubles("brevity_penalty")[0])) < Self.tolerance)
    for (precision, expected) in zip(result.precisions, try group.doubles("precisions")) {
      #expect(abs(precision - expected) < Self.tolerance)
    }
    #expect([result.length, result.referenceLength] == (try group.integers("lengths").map(Int.init)))
  }

  @Test("Word and character error rates are jiwer's")
  func errorRates() throws {
    let group = try GoldenFile.metrics.open().group("error_rates")
    let (texts, references) = (try group.texts("texts"), try group.texts("references"))
    for (unit, name) in [(ErrorRate.Unit.word, "word"), (.character, "character")] {
      let whole = ErrorRate(texts, references: references, unit: unit)
      #expect(abs(whole.value - (try group.doubles(name)[0])) < Self.tolerance)
      let each = try group.doubles("each_\(name)")
      for ((text, reference), expected) in zip(zip(texts, references), each) {
        let rate = ErrorRate([text], references: [reference], unit: unit)
        #expect(abs(rate.value - expected) < Self.tolerance, "\(text) / \(reference)")
      }
    }
  }

  @Test("Edits between short sequences, by exhaustive search")
  func edits() {
    #expect(editDistance([Int](), []) == 0)
    #expect(editDistance([1, 2, 3], []) == 3 && editDistance([], [1, 2]) == 2)
    #expect(editDistance(Array("kitten"), Array("sitting")) == 3)
    /// From the definition, without a table.
    func plain(_ a: ArraySlice<Int>, _ b: ArraySlice<Int>) -> Int {
      guard let x = a.first else { return b.count }
      guard let y = b.first else { return a.count }
      let (rest, other) = (a.dropFirst(), b.dropFirst())
      return min(plain(rest, other) + (x == y ? 0 : 1), plain(rest, b) + 1, plain(a, other) + 1)
    }
    var random = SplitMix(seed: 4)
    for _ in 0..<40 {
      let (a, b) = (random.symbols(upTo: 6), random.symbols(upTo: 6))
      #expect(editDistance(a, b) == plain(a[...], b[...]))
    }
  }

  @Test("Empty output and empty reference")
  func empty() {
    #expect(ErrorRate().value == 0)
    #expect(ErrorRate(["a"], references: [""], unit: .word).value == .infinity)
    #expect(BLEU([], references: [[String]]()).score == 0)
  }
}

extension SplitMix {
  /// Out of three symbols.
  fileprivate mutating func symbols(upTo most: Int) -> [Int] {
    let count = Int.random(in: 0...most, using: &self)
    return (0..<count).map { _ in Int.random(in: 0..<3, using: &self) }
  }
}

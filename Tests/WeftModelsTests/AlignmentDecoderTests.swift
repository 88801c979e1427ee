import Foundation
import TestSupport
import Testing

@testable import WeftModels

@Suite("Decoding of alignments") struct AlignmentDecoderTests {
  /// ln y `[steps][classes]`, random.
  static func logProbabilities(
    steps: Int, classes: Int, sharpness: Double, using random: inout SplitMix
  ) -> [[Double]] {
    (0..<steps).map { _ in
      let logits = (0..<classes).map { _ in Double.random(in: -sharpness...sharpness, using: &random) }
      let sum = log(logits.reduce(0) { $0 + exp($1) })
      return logits.map { $0 - sum }
    }
  }

  /// P of every labeling, by all alignments.
  static func enumerated(_ logProbabilities: [[Double]], blank: Int) -> [[Int32]: Double] {
    var alignments: [(symbols: [Int], logProbability: Double)] = [([], 0)]
    for step in logProbabilities {
      alignments = alignments.flatMap { alignment in
        step.indices.map { (alignment.symbols + [$0], alignment.logProbability + step[$0]) }
      }
    }
    return alignments.reduce(into: [:]) { sums, alignment in
      var labels: [Int32] = []
      var previous = blank
      for symbol in alignment.symbols {
        if symbol != blank, symbol != previous { labels.append(Int32(symbol)) }
        previous = symbol
      }
      sums[labels, default: 0] += exp(alignment.logProbability)
    }
  }

  static let cases: [(steps: Int, classes: Int, blank: Int)] = [
    (1, 2, 0), (2, 3, 2), (4, 3, 1), (5, 3, 0), (5, 4, 3), (6, 3, 0), (7, 2, 1),
  ]

  @Test("A wide search finds the most probable labels and their whole probability", arguments: cases)
  func wide(test: (steps: Int, classes: Int, blank: Int)) throws {
    var random = SplitMix(seed: UInt64(test.steps))
    for sharpness in [0.3, 2, 6] {
      let logProbabilities = Self.logProbabilities(
        steps: test.steps, classes: test.classes, sharpness: sharpness, using: &random)
      let truth = Self.enumerated(logProbabilities, blank: test.blank)
      let found = AlignmentDecoder(blank: test.blank, beam: 10_000).search(logProbabilities)
      #expect(found.count == truth.count)
      for hypothesis in found {
        let expected = try #require(truth[hypothesis.labels])
        #expect(abs(exp(hypothesis.logProbability) - expected) < 1e-12)
      }
      let best = try #require(truth.max { $0.value < $1.value })
      #expect(found[0].labels == best.key)
      #expect(zip(found, found.dropFirst()).allSatisfy { $0.score >= $1.score })
    }
  }

  @Test("A narrow search is never worse than the best alignment, and bounded by the exact probability")
  func narrow() throws {
    var random = SplitMix(seed: 12)
    for round in 0..<30 {
      let logProbabilities = Self.logProbabilities(
        steps: 6, classes: 3, sharpness: Double(round % 5) + 0.5, using: &random)
      let truth = Self.enumerated(logProbabilities, blank: 0)
      let decoder = AlignmentDecoder(blank: 0, beam: 4)
      let greedy = decoder.greedy(logProbabilities)
      let best = decoder.search(logProbabilities)[0]
      #expect(best.logProbability >= greedy.logProbability - 1e-12)
      #expect(exp(best.logProbability) <= (try #require(truth[best.labels])) + 1e-12)
      #expect(greedy.logProbability == logProbabilities.reduce(0) { $0 + ($1.max() ?? 0) })
    }
  }

  @Test("The most probable alignment need not give the most probable labels")
  func greedyIsNotBest() {
    // Hannun's example: blank 0.6 at both steps, "a" 0.4: P() = 0.36, P(a) = 0.64.
    let step = [log(0.6), log(0.4)]
    let decoder = AlignmentDecoder(blank: 0, beam: 8)
    #expect(decoder.greedy([step, step]).labels == [])
    let best = decoder.search([step, step])[0]
    #expect(best.labels == [1] && abs(exp(best.logProbability) - 0.64) < 1e-12)
  }

  /// Probabilities of a label after another, from a table.
  struct Bigrams: LabelModel {
    let table: [[Double]]
    func start() -> Int { 0 }
    func logProbabilities(after state: Int) -> [Double] { table[state].map { log($0) } }
    func state(after label: Int32, _ state: Int) -> Int { Int(label) }
  }

  @Test(
    "A language model and a bonus for length weigh as the formula says", arguments: [0.0, 0.7, 2], [0.0, 1.5])
  func language(weight: Double, bonus: Double) throws {
    var random = SplitMix(seed: 3)
    let table = (0..<3).map { _ in
      let values = (0..<3).map { _ in Double.random(in: 0.05...1, using: &random) }
      return values.map { $0 / values.reduce(0, +) }
    }
    for _ in 0..<5 {
      let logProbabilities = Self.logProbabilities(steps: 5, classes: 3, sharpness: 1.5, using: &random)
      let expected = Self.enumerated(logProbabilities, blank: 0).mapValues { log($0) }.map {
        labels, logProbability in
        let language = zip([0] + labels, labels).reduce(0) { $0 + log(table[Int($1.0)][Int($1.1)]) }
        return (labels, logProbability + weight * language + bonus * Double(labels.count))
      }
      let best = try #require(expected.max { $0.1 < $1.1 })
      let decoder = AlignmentDecoder(
        blank: 0, beam: 10_000, languageWeight: weight, insertionBonus: bonus)
      let found = decoder.search(logProbabilities, language: Bigrams(table: table))[0]
      #expect(found.labels == best.0)
      #expect(abs(found.score - best.1) < 1e-10)
    }
  }

  @Test("The alignment of given labels is the most probable one", arguments: cases)
  func align(test: (steps: Int, classes: Int, blank: Int)) throws {
    var random = SplitMix(seed: UInt64(20 + test.steps))
    let logProbabilities = Self.logProbabilities(
      steps: test.steps, classes: test.classes, sharpness: 3, using: &random)
    let decoder = AlignmentDecoder(blank: test.blank)
    /// Log-probability of the best alignment of each labeling.
    var best: [[Int32]: Double] = [:]
    var alignments: [(symbols: [Int], logProbability: Double)] = [([], 0)]
    for step in logProbabilities {
      alignments = alignments.flatMap { alignment in
        step.indices.map { (alignment.symbols + [$0], alignment.logProbability + step[$0]) }
      }
    }
    for (symbols, logProbability) in alignments {
      let labels = zip([test.blank] + symbols, symbols).filter { $1 != test.blank && $0 != $1 }.map {
        Int32($1)
      }
      best[labels] = max(best[labels] ?? -.infinity, logProbability)
    }
    for (labels, expected) in best {
      let steps = try #require(decoder.align(logProbabilities, labels: labels))
      var symbols = [Int](repeating: test.blank, count: test.steps)
      for (label, range) in zip(labels, steps) {
        #expect(!range.isEmpty)
        for step in range { symbols[step] = Int(label) }
      }
      let found = zip(symbols, logProbabilities).reduce(0) { $0 + $1.1[$1.0] }
      #expect(abs(found - expected) < 1e-10)
      #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
    }
    let label = Int32(test.blank == 0 ? 1 : 0)
    #expect(decoder.align(logProbabilities, labels: [Int32](repeating: label, count: test.steps + 1)) == nil)
    #expect(decoder.align([], labels: []) == [] && decoder.align([], labels: [label]) == nil)
  }

  @Test("Masked classes are never decoded")
  func ruledOut() {
    let step = [log(0.5), -.infinity, log(0.5)]
    let decoder = AlignmentDecoder(blank: 0, beam: 100)
    let found = decoder.search([step, step, step])
    #expect(found.allSatisfy { !$0.labels.contains(1) && $0.logProbability.isFinite })
    #expect(decoder.search([]) == [.init(labels: [], logProbability: 0, score: 0)])
  }
}

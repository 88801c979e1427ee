import Foundation
import WeftBase
import WeftData
import WeftModels
import WeftParallel

/// How labels are searched for.
public struct TranscriptionSearch: Sendable, Equatable {
  /// Prefixes kept at each step; 1 for the likeliest alignment.
  public var beam: Int
  /// Weight of a language model.
  public var languageWeight: Double
  /// Added to a text's score for each label.
  public var insertionBonus: Double

  /// - Throws: If the beam is empty or the weight is negative.
  public init(beam: Int = 1, languageWeight: Double = 0, insertionBonus: Double = 0) throws(WeftError) {
    guard beam >= 1 else { throw .usage("beam must be at least 1, not \(beam)") }
    guard languageWeight >= 0 else {
      throw .usage("the language model's weight must be 0 or more, not \(languageWeight)")
    }
    self.beam = beam
    self.languageWeight = languageWeight
    self.insertionBonus = insertionBonus
  }
}

/// What a model reads out of a sequence.
public struct Transcript: Sendable, Equatable {
  /// The labels' texts, joined.
  public let text: String
  /// ln P of the labels, or of the one alignment where it alone was looked for.
  public let logProbability: Double
  /// When each label was heard; nil unless asked for, or without an alignment.
  public let alignment: TranscriptAlignment?
}

/// When the labels of a transcript were heard.
public struct TranscriptAlignment: Sendable, Equatable {
  /// A label in the likeliest alignment.
  public struct Label: Sendable, Equatable {
    /// Its text.
    public let text: String
    /// Where it stands.
    public let steps: Range<Int>
  }

  /// In their order.
  public let labels: [Label]
  /// The probability of no label at each step.
  public let blanks: [Double]
  /// The probability of the likeliest label at each step.
  public let mostProbable: [Double]
}

/// Reads labels out of sequences of features.
package struct Transcriber: Sendable {
  let model: SequenceModel
  /// The class that stands for no label.
  package let blank: Int
  /// The text of each class.
  package let labels: [String]
  /// Whether labels are words, which spaces separate.
  let areWords: Bool
  /// How the features that the model was trained on were scaled.
  let scale: FeatureScale?

  /// Features of a step; nil of a model that reads tokens.
  package var width: Int? {
    if case .features(let width) = model.shape.input { width } else { nil }
  }

  /// ln of the probability of each class at each step of a minibatch's rows, `[rows][steps][classes]`.
  package func logProbabilities(_ batch: Minibatch, on executor: Executor) -> [[[Double]]] {
    model.logProbabilities(batch, on: executor)
  }

  /// The text of a sequence of features.
  ///
  /// - Parameters:
  ///   - features: Row-major `[steps, width]`, at least one step, unscaled.
  ///   - search: How labels are searched for.
  ///   - language: A language model of the labels; nil for none.
  ///   - wantsAlignment: Whether to tell when each label was heard.
  package func transcribe(
    _ features: FeatureArray, search: TranscriptionSearch, language: CharacterLabelModel?,
    wantsAlignment: Bool, on executor: Executor
  ) -> Transcript {
    var scaled = features
    scale?.scale(&scaled.values)
    let batch = Minibatch(lengths: [features.count], inputs: .features(scaled))
    let decoder = AlignmentDecoder(
      blank: blank, beam: search.beam, languageWeight: language == nil ? 0 : search.languageWeight,
      insertionBonus: search.insertionBonus)
    let logProbabilities = logProbabilities(batch, on: executor)[0]
    let best: AlignmentDecoder.Hypothesis
    if let language {
      best = decoder.search(logProbabilities, language: language)[0]
    } else {
      best = search.beam == 1 ? decoder.greedy(logProbabilities) : decoder.search(logProbabilities)[0]
    }
    let steps = wantsAlignment ? decoder.align(logProbabilities, labels: best.labels) : nil
    let alignment = steps.map { steps in
      TranscriptAlignment(
        labels: zip(best.labels, steps).map { .init(text: labels[Int($0)], steps: $1) },
        blanks: logProbabilities.map { exp($0[blank]) },
        mostProbable: logProbabilities.map { row in
          exp(row.indices.filter { $0 != blank }.map { row[$0] }.max() ?? -.infinity)
        })
    }
    return Transcript(
      text: best.labels.map { labels[Int($0)] }.joined(separator: areWords ? " " : ""),
      logProbability: best.logProbability, alignment: alignment)
  }
}

import Foundation
import WeftBase
import WeftData
import WeftModels
import WeftParallel

/// Search parameters of a transcription.
public struct TranscriptionSearch: Sendable, Equatable {
  /// Beam width; 1 is greedy decoding.
  public var beam: Int
  /// Language-model weight.
  public var languageWeight: Double
  /// Insertion bonus per label.
  public var insertionBonus: Double

  /// - Throws: If the beam width is less than 1 or the weight is negative.
  public init(beam: Int = 1, languageWeight: Double = 0, insertionBonus: Double = 0) throws(WeftError) {
    guard beam >= 1 else { throw .usage("beam must be at least 1, not \(beam)") }
    guard languageWeight >= 0 else {
      throw .usage("the language-model weight must be at least 0, not \(languageWeight)")
    }
    self.beam = beam
    self.languageWeight = languageWeight
    self.insertionBonus = insertionBonus
  }
}

/// A transcription with its score.
public struct Transcript: Sendable, Equatable {
  /// The text of the labels.
  public let text: String
  /// Log-probability of the labels or, for greedy decoding, of the alignment.
  public let logProbability: Double
  /// Alignment of the labels; nil unless requested, or without an alignment.
  public let alignment: TranscriptAlignment?
}

/// Alignment of a transcript.
public struct TranscriptAlignment: Sendable, Equatable {
  /// A label in the most probable alignment.
  public struct Label: Sendable, Equatable {
    /// Its text.
    public let text: String
    /// Its steps.
    public let steps: Range<Int>
  }

  /// Labels in order.
  public let labels: [Label]
  /// Probability of the blank at each step.
  public let blanks: [Double]
  /// Probability of the most probable label at each step.
  public let mostProbable: [Double]
}

/// Transcribes sequences of features.
package struct Transcriber: Sendable {
  let model: SequenceModel
  /// Index of the CTC blank.
  package let blank: Int
  /// The text of each class.
  package let labels: [String]
  /// Whether labels are words, to be joined by spaces.
  let areWords: Bool
  /// Scaling of the features in training.
  let scaling: Scaling

  /// Features per step; nil if the inputs are tokens.
  package var width: Int? {
    if case .features(let width) = model.shape.input { width } else { nil }
  }

  /// Log-probability of each class at each step of a minibatch's rows, `[rows][steps][classes]`.
  package func logProbabilities(_ batch: Minibatch, on executor: Executor) -> [[[Double]]] {
    model.logProbabilities(batch, on: executor)
  }

  /// The text of labels.
  @Sendable package func text(_ labels: [Int32]) -> String {
    labels.map { self.labels[Int($0)] }.joined(separator: areWords ? " " : "")
  }

  /// Transcribes a sequence of features.
  ///
  /// - Parameters:
  ///   - features: Row-major `[steps, width]`, at least one step, unscaled.
  ///   - search: Search parameters.
  ///   - language: A language model of the labels; nil for none.
  ///   - wantsAlignment: Whether to return the alignment.
  package func transcribe(
    _ features: FeatureArray, search: TranscriptionSearch, language: CharacterLabelModel?,
    wantsAlignment: Bool, on executor: Executor
  ) -> Transcript {
    var scaled = features
    scaling.scaleInputs(&scaled.values, width: scaled.width)
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
      text: text(best.labels),
      logProbability: best.logProbability, alignment: alignment)
  }
}

import Foundation

/// How labels are searched for.
public struct TranscriptionSearch: Sendable, Equatable {
  /// Prefixes kept at each step; 1 for the likeliest alignment.
  public var beam: Int
  /// Weight of a language model.
  public var languageWeight: Double
  /// Added to a text's score for each label.
  public var lengthBonus: Double

  /// - Throws: If the beam is empty or the weight is negative.
  public init(beam: Int = 1, languageWeight: Double = 0, lengthBonus: Double = 0) throws(WeftError) {
    guard beam >= 1 else { throw .usage("beam must be at least 1, not \(beam)") }
    guard languageWeight >= 0 else {
      throw .usage("the language model's weight must be 0 or more, not \(languageWeight)")
    }
    self.beam = beam
    self.languageWeight = languageWeight
    self.lengthBonus = lengthBonus
  }
}

/// What a model reads out of a sequence.
public struct Transcript: Sendable, Equatable {
  /// The labels' texts, joined.
  public let text: String
  /// ln P of the labels, or of the one alignment where it alone was looked for.
  public let logarithm: Double
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
  public let likeliest: [Double]
}

extension TrainedModel {
  /// The text of a sequence of features, by a model of alignments.
  ///
  /// - Parameters:
  ///   - features: Row-major `[steps, width]`, as in the data that the model was trained on, unscaled.
  ///   - width: Features of a step.
  ///   - search: How labels are searched for.
  ///   - language: A language model; nil for none.
  ///   - wantsAlignment: Whether to tell when each label was heard.
  ///   - onNote: Called with lines for the user.
  /// - Throws: If the model is of another kind, or reads other features.
  public func transcribe(
    _ features: [Float], width: Int, search: TranscriptionSearch, language: TrainedModel? = nil,
    wantsAlignment: Bool = false, onNote: (String) -> Void = { _ in }
  ) throws(WeftError) -> Transcript {
    guard let job = job as? AlignmentJob else {
      throw .failure("\(path): was not trained to transcribe (loss.kind: ctc)")
    }
    let batch = try batch(of: features, width: width)
    let names = labelTexts
    let decoder = AlignmentDecoder(
      blank: job.blank, beam: search.beam, languageWeight: language == nil ? 0 : search.languageWeight,
      lengthBonus: search.lengthBonus)
    let logarithms = data.logarithms(batch)[0]
    let best: AlignmentDecoder.Hypothesis
    if let language {
      let model = try CharacterLabelModel(language, labels: names) { missing in
        onNote(
          "\(language.path): does not know \(missing.map(\.debugDescription).joined(separator: ", ")), which is taken to"
            + " be unlikely")
      }
      best = decoder.search(logarithms, language: model)[0]
    } else {
      best = search.beam == 1 ? decoder.greedy(logarithms) : decoder.search(logarithms)[0]
    }
    let isWords = vocabularies.ofTargets?.unit == .word
    let text = best.labels.map { names[Int($0)] }.joined(separator: isWords ? " " : "")
    let steps = wantsAlignment ? decoder.align(logarithms, labels: best.labels) : nil
    let alignment = steps.map { steps in
      TranscriptAlignment(
        labels: zip(best.labels, steps).map { .init(text: names[Int($0)], steps: $1) },
        blanks: logarithms.map { exp($0[job.blank]) },
        likeliest: logarithms.map { row in
          exp(row.indices.filter { $0 != job.blank }.map { row[$0] }.max() ?? -.infinity)
        })
    }
    return Transcript(text: text, logarithm: best.logarithm, alignment: alignment)
  }

  /// The text of each class.
  var labelTexts: [String] {
    let texts = vocabularies.ofTargets?.tokens ?? traits.classes
    let outputs = job.model.shape.outputs
    return texts + (texts.count..<max(outputs, texts.count)).map { "\($0)" }
  }

  /// One sequence of features as a minibatch, scaled.
  func batch(of features: [Float], width: Int) throws(WeftError) -> Minibatch {
    guard case .features(let wanted) = job.model.shape.input else {
      throw .failure("\(path): reads tokens, not features")
    }
    guard width == wanted else {
      throw .failure("\(path): reads \(wanted) features a step, not \(width)")
    }
    guard !features.isEmpty else { throw .failure("there is nothing to read: no steps") }
    var values = features
    traits.scaling.inputs?.scale(&values)
    return Minibatch(
      lengths: [features.count / width], inputs: .features(values, width: width), targets: nil)
  }
}

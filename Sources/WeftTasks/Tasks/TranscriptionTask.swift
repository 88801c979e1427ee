import KernelInterface
import WeftBase
import WeftData
import WeftLayers
import WeftMetrics
import WeftModels
import WeftParallel

extension TaskType {
  /// Transcription, such as speech recognition.
  static let transcription = TaskType(
    name: "transcription", isWanted: { $0.model.kind == .sequence && $0.loss.kind.targets == .labels },
    make: { (configuration, data) throws(WeftError) in try TranscriptionTask(configuration, data) })
}

/// Transcription with CTC, such as speech recognition; evaluated by the label error rate, which for characters is the
/// character error rate.
package struct TranscriptionTask: TrainingTask {
  private let sequenceModel: SequenceModel
  package let loss: Loss
  private let data: FittedData

  package var model: any TrainableModel { sequenceModel }
  package var shape: ModelShape { sequenceModel.shape }
  package var metrics: [Metric] { [.labelErrorRate] }
  package var primaryMetric: Metric { .labelErrorRate }

  /// - Throws: If the configuration does not fit the data.
  init(_ configuration: Configuration, _ data: FittedData) throws(WeftError) {
    sequenceModel = try SequenceModel(configuration.model, fitting: data.shape, file: data.file)
    loss = Loss(configuration.loss)
    self.data = data
  }

  /// Index of the CTC blank.
  private var blank: Int { loss.blank ?? shape.outputs - 1 }

  package var transcriber: Transcriber? {
    Transcriber(
      model: sequenceModel, blank: blank, labels: data.labelTexts(count: shape.outputs),
      areWords: data.vocabularies.ofTargets.map { [.word, .token].contains($0.unit) } ?? false,
      scaling: data.traits.scaling)
  }

  package func predictor(_ output: PredictionOutput, _ configuration: Configuration) -> (any Predictor)? {
    guard output == .predictions, let transcriber else { return nil }
    let decoder = AlignmentDecoder(blank: blank)
    return TextPredictor(
      configuration: configuration,
      write: { batch, executor in
        transcriber.logProbabilities(batch, on: executor).map { rows in
          let best = decoder.greedy(rows)
          return (transcriber.text(best.labels), best.logProbability)
        }
      }, text: transcriber.text)
  }

  package func measure(
    _ source: any BatchSource, carried: RecurrentState?, fullEvaluation: Bool, on executor: Executor
  ) throws(WeftError) -> Measurement {
    var total = PassResult()
    var errors = ErrorRate()
    let decoder = AlignmentDecoder(blank: blank)
    for index in 0..<source.batchesPerEpoch {
      let batch = try source.batch(epoch: 0, index: index)
      total.add(model.evaluate(batch, loss: loss, on: executor))
      for (row, logProbabilities) in sequenceModel.logProbabilities(batch, on: executor).enumerated() {
        errors.add(decoder.greedy(logProbabilities).labels, reference: batch.targetTokens(ofRow: row))
      }
    }
    return Measurement(total, metrics: [MeasuredMetric(.labelErrorRate, errors.value)])
  }

  package func samples(
    from source: (any BatchSource)?, length: Int, count: Int, on executor: Executor
  ) throws(WeftError) -> [SampleText] {
    guard let source, let targets = data.vocabularies.ofTargets else { return [] }
    let batch = try source.batch(epoch: 0, index: 0)
    let decoder = AlignmentDecoder(blank: blank)
    return sequenceModel.logProbabilities(batch, on: executor).prefix(count).enumerated().map {
      row, logProbabilities in
      SampleText(
        reference: targets.decode(batch.targetTokens(ofRow: row)),
        written: targets.decode(decoder.greedy(logProbabilities).labels.filter { $0 < targets.tokens.count }))
    }
  }

  /// Notes sequences with fewer steps than their labels need.
  package func note(on dataset: DatasetFile, split: String) throws(WeftError) -> String? {
    var (sequences, tooShort) = (0, 0)
    try dataset.forEachTargetSequence(split: split) { steps, labels in
      sequences += 1
      if LabelledSequences.minimumSteps(labels[...]) > steps { tooShort += 1 }
    }
    guard tooShort > 0 else { return nil }
    guard tooShort < sequences else {
      throw .model(
        "\(dataset.path): group /\(split): every sequence has fewer steps than its labels need; use more steps, for"
          + " example with a smaller --hop of 'weft data audio'")
    }
    return
      "\(dataset.path): group /\(split): \(tooShort) of \(sequences) sequences have fewer steps than their labels"
      + " need; they are ignored"
  }
}

extension FittedData {
  /// The text of each label, or its number if the data does not name it.
  func labelTexts(count: Int) -> [String] {
    let texts = vocabularies.ofTargets?.tokens ?? traits.classes
    return texts + (texts.count..<max(count, texts.count)).map { "\($0)" }
  }

  /// The name of each of `count` classes, or its number where the data name other classes or none.
  func classTexts(count: Int) -> [String] {
    let texts = traits.classes.isEmpty ? vocabularies.targets?.tokens ?? [] : traits.classes
    return texts.count > count
      ? (0..<count).map { "\($0)" } : texts + (texts.count..<count).map { "\($0)" }
  }
}

import KernelInterface
import WeftBase
import WeftData
import WeftLayers
import WeftMetrics
import WeftModels
import WeftParallel

extension TaskType {
  /// Labels out of sequences that are not aligned to them, such as speech.
  static let transcription = TaskType(
    name: "transcription", isWanted: { $0.model.kind == .sequence && $0.loss.kind.targets == .labels },
    make: { (configuration, data) throws(WeftError) in try TranscriptionTask(configuration, data) })
}

/// Labels out of sequences that are not aligned to them, such as speech: measured by the share of labels that are
/// wrong, which for transcripts is the character error rate.
package struct TranscriptionTask: TrainingTask {
  private let sequenceModel: SequenceModel
  package let loss: Loss
  private let data: FittedData

  package var model: any TrainableModel { sequenceModel }
  package var shape: ModelShape { sequenceModel.shape }
  package var metrics: [Metric] { [.labelErrorRate] }
  package var primaryMetric: Metric { .labelErrorRate }

  /// - Throws: If the configuration asks for what the data cannot give.
  init(_ configuration: Configuration, _ data: FittedData) throws(WeftError) {
    sequenceModel = try SequenceModel(configuration.model, fitting: data.shape, file: data.file)
    loss = Loss(configuration.loss)
    self.data = data
  }

  /// The class that stands for no label.
  private var blank: Int { loss.blank ?? shape.outputs - 1 }

  package var transcriber: Transcriber? {
    Transcriber(
      model: sequenceModel, blank: blank, labels: data.labelTexts(count: shape.outputs),
      areWords: data.vocabularies.ofTargets?.unit == .word, scale: data.traits.scaling.inputs)
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

  /// Label sequences that have more labels than their steps can be aligned to.
  package func note(on dataset: DatasetFile, split: String) throws(WeftError) -> String? {
    var (sequences, tooShort) = (0, 0)
    try dataset.forEachTargetSequence(split: split) { steps, labels in
      sequences += 1
      if LabelledSequences.minimumSteps(labels[...]) > steps { tooShort += 1 }
    }
    guard tooShort > 0 else { return nil }
    guard tooShort < sequences else {
      throw .failure(
        "\(dataset.path): group /\(split): each sequence has fewer steps than its labels need, so there is nothing to"
          + " learn; give it more steps, such as a smaller --hop of 'weft data audio'")
    }
    return
      "\(dataset.path): group /\(split): \(tooShort) of \(sequences) sequences have fewer steps than their labels"
      + " need; they do not count"
  }
}

extension FittedData {
  /// The text of each of so many labels: its number where the data name none.
  func labelTexts(count: Int) -> [String] {
    let texts = vocabularies.ofTargets?.tokens ?? traits.classes
    return texts + (texts.count..<max(count, texts.count)).map { "\($0)" }
  }
}

extension Metric {
  /// Share of the labels of an alignment that are wrong: the character error rate where labels are characters.
  public static let labelErrorRate = Metric("label_error_rate", higherIsBetter: false)
}

import WeftBase
import WeftData
import WeftLayers
import WeftMetrics
import WeftModels
import WeftParallel
import WeftText

extension TaskType {
  /// Text generation from sequences, such as translation and image captioning.
  static let writing = TaskType(
    name: "writing", isWanted: { $0.model.kind == .encoderDecoder }, targets: { _ in .targetTokens },
    make: { (configuration, data) throws(WeftError) in try WritingTask(configuration, data) })
}

/// Text generation from sequences, such as translation and image captioning; evaluated by BLEU.
package struct WritingTask: TrainingTask {
  private let encoderDecoder: EncoderDecoderModel
  package let loss: Loss
  private let data: FittedData
  private let decoding: DecodingConfiguration

  package var model: any TrainableModel { encoderDecoder }
  package var shape: ModelShape { encoderDecoder.shape }
  private var vocabulary: Vocabulary? { data.vocabularies.ofTargets }

  /// - Throws: If the configuration does not fit the data.
  init(_ configuration: Configuration, _ data: FittedData) throws(WeftError) {
    encoderDecoder = try EncoderDecoderModel(
      configuration.model, decoder: configuration.decoder, writesTokens: true, fitting: data.shape,
      file: data.file)
    loss = Loss(configuration.loss)
    decoding = configuration.decoding
    self.data = data
  }

  package var metrics: [Metric] { vocabulary == nil ? [] : [.accuracy, .bleu, .exact] }
  package var primaryMetric: Metric { vocabulary == nil ? .loss : .bleu }

  package var writer: TextWriter? {
    TextWriter(
      encoderDecoder, vocabularies: data.vocabularies, scaling: data.traits.scaling,
      search: BeamSearch(decoding))
  }

  package func predictor(_ output: PredictionOutput, _ configuration: Configuration) -> (any Predictor)? {
    guard output == .predictions, let vocabulary else { return nil }
    let search = BeamSearch(decoding)
    return TextPredictor(
      configuration: configuration,
      write: { [encoderDecoder] batch, executor in
        encoderDecoder.decode(batch, search, on: executor).map { hypotheses in
          (vocabulary.decode(hypotheses.first?.tokens ?? []), hypotheses.first?.score ?? .nan)
        }
      }, text: vocabulary.decode)
  }

  package func measure(
    _ source: any BatchSource, carried: RecurrentState?, fullEvaluation: Bool, on executor: Executor
  ) throws(WeftError) -> Measurement {
    var measured = Measurement(
      try model.evaluate(source, loss: loss.unsmoothed, carried: nil, on: executor), loss)
    guard let vocabulary else { return measured }
    let search = BeamSearch(
      beam: fullEvaluation ? decoding.beam : 1, lengthPenalty: fullEvaluation ? decoding.lengthPenalty : 0,
      maximumLength: decoding.maximumLength)
    let wanted =
      fullEvaluation || decoding.validationSequences == 0 ? Int.max : decoding.validationSequences
    var written: [[Int32]] = []
    var references: [[Int32]] = []
    for index in 0..<source.batchesPerEpoch where written.count < wanted {
      let batch = try source.batch(epoch: 0, index: index)
      written += encoderDecoder.decode(batch, search, on: executor).map { $0[0].tokens }
      references += (0..<batch.rows).map(batch.targetTokens)
    }
    let bleu = BLEU(written.map(vocabulary.decode), references: references.map(vocabulary.decode))
    let exact = zip(written, references).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
    measured.metrics += [
      MeasuredMetric(.bleu, bleu.score), MeasuredMetric(.exact, Double(exact) / Double(written.count)),
    ]
    return measured
  }

  package func samples(
    from source: (any BatchSource)?, length: Int, count: Int, on executor: Executor
  ) throws(WeftError) -> [SampleText] {
    guard let source, let vocabulary else { return [] }
    let batch = try source.batch(epoch: 0, index: 0)
    let search = BeamSearch(beam: 1, lengthPenalty: 0, maximumLength: 200)
    return encoderDecoder.decode(batch, search, on: executor).prefix(count).enumerated().map {
      row, hypotheses in
      SampleText(
        source: batch.text(ofRow: row, vocabulary: data.vocabularies.inputs),
        reference: vocabulary.decode(batch.targetTokens(ofRow: row)),
        written: vocabulary.decode(hypotheses.first?.tokens ?? []))
    }
  }
}

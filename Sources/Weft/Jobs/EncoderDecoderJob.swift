/// Sequences written from others: translation, captions of images, and what an autoencoder remembers.
package struct EncoderDecoderJob: Job {
  package let model: any TrainableModel
  package let loss: Loss
  private let vocabulary: Vocabulary?
  private let decoding: DecodingConfiguration

  /// - Throws: If the configuration asks for what the data cannot give.
  package init(
    _ configuration: Configuration, shape: ModelShape, vocabularies: Vocabularies, file: String
  ) throws(WeftError) {
    try EncoderDecoderJob.check(configuration, shape, file: file)
    let model = EncoderDecoderModel(configuration, shape: shape)
    self.model = model
    loss = Loss(configuration.loss)
    vocabulary = model.writesTokens ? vocabularies.ofTargets : nil
    decoding = configuration.decoding
  }

  private static func check(
    _ configuration: Configuration, _ shape: ModelShape, file: String
  ) throws(WeftError) {
    if case .features(let width) = shape.input {
      if configuration.model.embedding != nil, configuration.model.kind == .autoencoder {
        throw .failure("\(file): the inputs are numbers, not tokens; leave model.embedding out")
      }
      if configuration.model.layers == 0, configuration.attention == .dot,
        width != configuration.decoderHidden
      {
        throw .failure(
          "\(file): decoder.attention 'dot' needs decoder.hidden equal to the inputs' \(width) features, not"
            + " \(configuration.decoderHidden); try 'general'")
      }
    }
    if let size = configuration.model.outputSize, size != shape.outputs {
      throw .failure("\(file): the targets imply model.output_size \(shape.outputs), not \(size)")
    }
  }

  package var metrics: [Metric] { vocabulary == nil ? [] : [.accuracy, .bleu, .exact] }
  package var standardMetric: Metric { vocabulary == nil ? .loss : .bleu }

  package func measure(
    _ source: any BatchSource, on data: DataParallel, carried: RecurrentState?, thoroughly: Bool
  ) throws(WeftError) -> Measurement {
    var measured = Measurement(try data.evaluate(source, loss: loss.unsmoothed, carried: nil), loss)
    guard let vocabulary else { return measured }
    let search = BeamSearch(
      beam: thoroughly ? decoding.beam : 1, lengthPenalty: thoroughly ? decoding.lengthPenalty : 0,
      maximumLength: decoding.maximumLength)
    let wanted =
      thoroughly || decoding.validationSequences == 0 ? Int.max : decoding.validationSequences
    var written: [[Int32]] = []
    var references: [[Int32]] = []
    for index in 0..<source.batchesPerEpoch where written.count < wanted {
      let batch = try source.batch(epoch: 0, index: index)
      written += data.decode(batch, search).map { $0[0].tokens }
      references += batch.targetTokens
    }
    let bleu = BLEU(written.map(vocabulary.decode), references: references.map(vocabulary.decode))
    let exact = zip(written, references).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
    measured.metrics += [
      MeasuredMetric(.bleu, bleu.score), MeasuredMetric(.exact, Double(exact) / Double(written.count)),
    ]
    return measured
  }
}

extension Metric {
  /// How near written texts come to the references, 0 to 100.
  public static let bleu = Metric("bleu", isHigherBetter: true)
  /// Share of the sequences that are written as the reference has them.
  public static let exact = Metric("exact", isHigherBetter: true)
}

extension Minibatch {
  /// The tokens to write for each row.
  var targetTokens: [[Int32]] {
    guard let targetSequences, case .tokens(let tokens) = targetSequences.steps else { return [] }
    return lengths.indices.map {
      Array(tokens[targetSequences.offsets[$0]..<targetSequences.offsets[$0 + 1]])
    }
  }
}

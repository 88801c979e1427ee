import KernelInterface

/// One class for each sequence.
package struct ClassificationJob: Job {
  package let model: any TrainableModel
  package let loss: Loss
  package var metrics: [Metric] { [.accuracy, .macroF1] }
  package var standardMetric: Metric { .accuracy }

  /// - Throws: If the configuration asks for what the data cannot give.
  package init(_ configuration: Configuration, shape: ModelShape, file: String) throws(WeftError) {
    model = try SequenceModel(configuration.model, fitting: shape, file: file)
    loss = Loss(configuration.loss)
  }

  package func measure(
    _ source: any BatchSource, on data: DataParallel, carried: RecurrentState?, thoroughly: Bool
  ) throws(WeftError) -> Measurement {
    var total = DataParallel.Result()
    var confusion = ConfusionMatrix(classes: model.shape.outputs)
    for index in 0..<source.batchesPerEpoch {
      let batch = try source.batch(epoch: 0, index: index)
      total.add(data.evaluate(batch, loss: loss.unsmoothed, initial: nil, final: nil))
      guard case .classes(let truths) = batch.targets else { continue }
      for (truth, scores) in zip(truths, data.rows(batch)) where truth >= 0 {
        confusion.add(
          truth: Int(truth), prediction: scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 })
      }
    }
    return Measurement(
      total,
      metrics: [
        MeasuredMetric(.accuracy, confusion.accuracy), MeasuredMetric(.macroF1, confusion.macroF1),
      ])
  }
}

extension Metric {
  /// The mean of the F1 of all classes.
  public static let macroF1 = Metric("macro_f1", isHigherBetter: true)
}

extension DataParallel {
  /// The outputs of a sequence model, one after the other.
  package func rows(
    _ batch: Minibatch, initial: RecurrentState? = nil, final: RecurrentState? = nil
  ) -> [[Float]] {
    let outputs = outputs(batch, initial: initial, final: final)
    return (0..<outputs.matrix.rows).map { row in
      (0..<outputs.matrix.columns).map { outputs.matrix[row, $0] }
    }
  }
}

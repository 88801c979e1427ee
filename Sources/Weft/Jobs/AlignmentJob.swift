import KernelInterface

/// Labels out of sequences that are not aligned to them, such as speech: measured by the share of labels that are
/// wrong, which for transcripts is the character error rate.
package struct AlignmentJob: Job {
  package let model: any TrainableModel
  package let loss: Loss
  package var metrics: [Metric] { [.labelErrorRate] }
  package var standardMetric: Metric { .labelErrorRate }

  /// - Throws: If the configuration asks for what the data cannot give.
  package init(_ configuration: Configuration, shape: ModelShape, file: String) throws(WeftError) {
    model = try SequenceModel(configuration.model, fitting: shape, file: file)
    loss = Loss(configuration.loss)
  }

  /// The class that stands for no label.
  package var blank: Int { loss.blank ?? model.shape.outputs - 1 }

  package func measure(
    _ source: any BatchSource, on data: DataParallel, carried: RecurrentState?, thoroughly: Bool
  ) throws(WeftError) -> Measurement {
    var total = DataParallel.Result()
    var errors = ErrorRate()
    let decoder = AlignmentDecoder(blank: blank)
    for index in 0..<source.batchesPerEpoch {
      let batch = try source.batch(epoch: 0, index: index)
      total.add(data.evaluate(batch, loss: loss, initial: nil, final: nil))
      for (row, logarithms) in data.logarithms(batch).enumerated() {
        errors.add(decoder.greedy(logarithms).labels, reference: Array(batch.labels(ofRow: row)))
      }
    }
    return Measurement(total, metrics: [MeasuredMetric(.labelErrorRate, errors.value)])
  }
}

extension Metric {
  /// Share of the labels of an alignment that are wrong: the character error rate where labels are characters.
  public static let labelErrorRate = Metric("label_error_rate", isHigherBetter: false)
}

extension DataParallel {
  /// ln softmax of a sequence model's outputs: for each row of the minibatch `[steps][classes]`.
  package func logarithms(_ batch: Minibatch) -> [[[Double]]] {
    let outputs = outputs(batch, initial: nil, final: nil)
    engine.kernels.softmax(outputs.matrix, classes: outputs.matrix.columns)
    engine.kernels.applyNaturalLogarithm(outputs.matrix)
    return (0..<batch.rows).map { row in
      (batch.offsets[row]..<batch.offsets[row + 1]).map { place in
        (0..<outputs.matrix.columns).map { Double(outputs.matrix[place, $0]) }
      }
    }
  }
}

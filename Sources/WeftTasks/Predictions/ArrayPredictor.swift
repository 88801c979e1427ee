import WeftBase
import WeftData
import WeftLayers
import WeftModels
import WeftParallel

/// Predicts sequences that are arrays in memory, with the values that a ``Predictor`` gives for a dataset of them:
/// probabilities, or values and medians in the units of the data.
package struct ArrayPredictor: Sendable {
  private let predictor: SequencePredictor
  private let inputScale: FeatureScale?
  private let rowsPerPass: Int
  /// The names of classes, tokens or labels; empty for other outputs.
  package let classes: [String]

  /// - Parameters:
  ///   - inputScale: Scaling of the inputs; nil to read them as they are.
  ///   - rowsPerPass: Sequences that the model reads at once.
  init(_ predictor: SequencePredictor, inputScale: FeatureScale?, rowsPerPass: Int, classes: [String]) {
    self.predictor = predictor
    self.inputScale = inputScale
    self.rowsPerPass = rowsPerPass
    self.classes = classes
  }

  /// Kind of the input steps.
  package var input: StepKind { predictor.model.shape.input }
  /// Values of each output.
  package var outputSize: Int {
    predictor.loss.wantsClasses ? predictor.model.shape.outputs : predictor.width
  }
  /// Outputs of a sequence of so many steps.
  package func outputCount(_ steps: Int) -> Int { predictor.model.stack.outputLength(steps) }

  /// The outputs of sequences of features.
  ///
  /// - Parameters:
  ///   - lengths: Steps of each sequence, at least 1.
  ///   - features: Returns the features of a step of a sequence, in the units of the data.
  ///   - onOutputs: Called with the number of each sequence and its outputs, row-major `[outputs, values]`, in no order.
  /// - Throws: If a number is not finite, or no category.
  package func predict(
    lengths: [Int], features: (_ sequence: Int, _ step: Int) -> [Double], on executor: Executor,
    onOutputs: (_ sequence: Int, _ outputs: ArraySlice<Double>) -> Void
  ) throws(WeftError) {
    for sequence in lengths.indices {
      for step in 0..<lengths[sequence] {
        try check(features(sequence, step), "sequence \(sequence), step \(step)")
      }
    }
    forEachPass(lengths, on: executor, onOutputs: onOutputs) { order in
      var values: [Float] = []
      values.reserveCapacity(order.reduce(0) { $0 + lengths[$1] } * input.size)
      for sequence in order {
        for step in 0..<lengths[sequence] {
          let step = features(sequence, step)
          values += inputScale?.scaled(step) ?? step.map { Float($0) }
        }
      }
      return .features(values, width: input.size)
    }
  }

  /// The outputs of sequences of tokens.
  ///
  /// - Throws: If the vocabulary does not contain a token.
  package func predict(
    lengths: [Int], tokens: (_ sequence: Int, _ step: Int) -> Int32, on executor: Executor,
    onOutputs: (_ sequence: Int, _ outputs: ArraySlice<Double>) -> Void
  ) throws(WeftError) {
    for sequence in lengths.indices {
      for step in 0..<lengths[sequence] {
        let token = tokens(sequence, step)
        guard token >= 0, token < input.size else {
          throw .data(
            "sequence \(sequence), step \(step): token \(token) is not in the vocabulary, whose tokens are 0 to"
              + " \(input.size - 1)")
        }
      }
    }
    forEachPass(lengths, on: executor, onOutputs: onOutputs) { order in
      .tokens(order.flatMap { sequence in (0..<lengths[sequence]).map { tokens(sequence, $0) } })
    }
  }

  /// - Throws: If a number of a step is not finite, or no category.
  package func check(_ features: [Double], _ place: String) throws(WeftError) {
    if let number = features.firstIndex(where: { !Float($0).isFinite }) {
      throw .data(
        "\(place): number \(number) is \(features[number]), which is not finite in single precision")
    }
    for category in predictor.model.shape.categories {
      let value = features[category.column]
      guard value.rounded() == value, value >= 0, value < Double(category.count) else {
        throw .data(
          "\(place): number \(category.column), \(category.name), is \(value); its categories are 0 to"
            + " \(category.count - 1)")
      }
    }
  }

  /// Runs the model on some rows at a time, longest first.
  private func forEachPass(
    _ lengths: [Int], on executor: Executor, onOutputs: (Int, ArraySlice<Double>) -> Void,
    inputs: ([Int]) -> Steps<FeatureArray>
  ) {
    let sorted = lengths.longestFirst(\.self)
    for start in stride(from: 0, to: sorted.count, by: rowsPerPass) {
      let order = Array(sorted[start..<min(start + rowsPerPass, sorted.count)])
      let batch = Minibatch(lengths: order.map { lengths[$0] }, inputs: inputs(order))
      let outputs = predictor.model.outputs(batch, on: executor)
      let (count, size) = (outputs.matrix.rows, outputSize)
      _ = predictor.makeProbabilities(outputs, batch, on: executor)
      var values: [Double] = []
      for case .numbers(let numbers) in predictor.columns(outputs, nil, Array(0..<count)).prefix(2) {
        values = numbers
        break
      }
      let places = predictor.model.outputOffsets(batch)
      for (row, sequence) in order.enumerated() {
        onOutputs(sequence, values[places[row] * size..<places[row + 1] * size])
      }
    }
  }
}

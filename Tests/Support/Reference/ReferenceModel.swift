import Foundation
import WeftData
import WeftLayers
import WeftModels

/// A sequence model and its loss from their equations, in Double.
package struct ReferenceModel {
  package let model: SequenceModel
  package let configuration: ModelConfiguration
  package let batch: Minibatch
  package let loss: Loss
  package let dropoutKey: DropoutKey?
  /// By row, then layer; nil for the layers' own initial states.
  package let initial: [[ReferenceLayer.State]]?

  package init(
    model: SequenceModel, configuration: ModelConfiguration, batch: Minibatch, loss: Loss,
    dropoutKey: DropoutKey?, initial: [[ReferenceLayer.State]]?
  ) {
    self.model = model
    self.configuration = configuration
    self.batch = batch
    self.loss = loss
    self.dropoutKey = dropoutKey
    self.initial = initial
  }

  /// The outputs of every step, or of every row, in the minibatch's order.
  ///
  /// - Parameter disturbances: Added to the hidden states of layers, by row.
  package func outputs(
    _ parameters: [String: [Double]], disturbances: [Int: [Int: ReferenceLayer.Disturbance]] = [:]
  ) -> [[Double]] {
    states(parameters, disturbances: disturbances).map { output($0, parameters) }
  }

  /// What the output layer reads.
  private func states(
    _ parameters: [String: [Double]], disturbances: [Int: [Int: ReferenceLayer.Disturbance]] = [:]
  ) -> [[Double]] {
    let stack = ReferenceStack(
      stack: model.stack, isNormalized: configuration.layerNormalization,
      dropout: Float(configuration.dropout), recurrentDropout: Float(configuration.recurrentDropout),
      dropoutKey: dropoutKey, batch: batch.rows)
    return (0..<batch.rows).flatMap { row in
      let inputs = (batch.offsets[row]..<batch.offsets[row + 1]).map { input(at: $0, parameters) }
      let states = stack.run(
        inputs, row: row, initial: initial?[row], parameters: parameters,
        disturbances: disturbances[row] ?? [:]
      ).outputs
      let read =
        switch configuration.output {
        case .everyStep: states
        case .lastStep: [lastState(states)]
        case .lastPosition: [states[states.count - 1]]
        case .maximum: [states[0].indices.map { unit in states.map { $0[unit] }.max()! }]
        case .mean: [weighted(states, states.map { _ in 1 / Double(states.count) })]
        case .attention: [weighted(states, attention(states, parameters))]
        }
      return read
    }
  }

  /// The mean loss over targets that are not ignored.
  package func meanLoss(
    _ parameters: [String: [Double]], disturbances: [Int: [Int: ReferenceLayer.Disturbance]] = [:]
  ) -> Double {
    let outputs = outputs(parameters, disturbances: disturbances)
    var sum = 0.0
    switch batch.targets {
    case .classes(let classes):
      let counted = Double(classes.filter { $0 >= 0 }.count)
      if let field = randomField(parameters) {
        return (0..<batch.rows).reduce(0) { sum, row in
          let steps = batch.offsets[row]..<batch.offsets[row + 1]
          return sum + field.loss(Array(outputs[steps]), targets: Array(classes[steps]))
        } / counted
      }
      for (output, target) in zip(outputs, classes) {
        sum += ReferenceLoss.crossEntropy(output, target: Int(target), smoothing: Double(loss.labelSmoothing))
      }
      return sum / counted
    case .values(let values):
      for (index, output) in outputs.enumerated() {
        let targets = values[index].map(Double.init)
        sum += ReferenceLoss.values(loss, output, targets)
      }
      return sum / Double(values.values.filter { !$0.isNaN }.count)
    case .sequences(let sequences):
      var count = 0
      for row in 0..<batch.rows {
        let logits = Array(outputs[batch.offsets[row]..<batch.offsets[row + 1]])
        let labels = Array(sequences.tokens(ofRow: row))
        let value = ReferenceLoss.temporalClassification(
          logits, labels: labels, blank: loss.blank ?? logits[0].count - 1)
        if value == .infinity { continue }
        sum += value
        count += max(labels.count, 1)
      }
      return sum / Double(count)
    case nil: preconditionFailure("a loss needs targets")
    }
  }

  /// The conditional random field of the outputs; nil if the steps are independent.
  private func randomField(_ parameters: [String: [Double]]) -> ReferenceRandomField? {
    parameters["output/transitions"].map {
      ReferenceRandomField(transitions: $0, classes: model.shape.outputs)
    }
  }

  /// The predicted class of every output.
  package func predictedClasses(_ parameters: [String: [Double]]) -> [Int] {
    let outputs = outputs(parameters)
    guard let field = randomField(parameters) else {
      return outputs.map { output in output.indices.max { output[$0] < output[$1] }! }
    }
    return (0..<batch.rows).flatMap { row in
      field.viterbi(Array(outputs[batch.offsets[row]..<batch.offsets[row + 1]]))
    }
  }

  private func weighted(_ states: [[Double]], _ weights: [Double]) -> [Double] {
    states[0].indices.map { unit in zip(states, weights).reduce(0) { $0 + $1.0[unit] * $1.1 } }
  }

  /// softmax over t of v · tanh(W h_t + b).
  private func attention(_ states: [[Double]], _ parameters: [String: [Double]]) -> [Double] {
    let bias = parameters["pooling/bias"]!
    let scores = states.map { state in
      let compared = (product(state, parameters["pooling/weights"]!, columns: bias.count) + bias).map {
        tanh($0)
      }
      return multiplied(compared, parameters["pooling/score"]!).reduce(0, +)
    }
    let exponentials = scores.map { exp($0 - scores.max()!) }
    return exponentials.map { $0 / exponentials.reduce(0, +) }
  }

  private func input(at place: Int, _ parameters: [String: [Double]]) -> [Double] {
    switch batch.inputs {
    case .features(let features): return features[place].map(Double.init)
    case .tokens(let tokens):
      let token = Int(tokens[place])
      if let width = configuration.embedding {
        return Array(parameters["embedding/weights"]![token * width..<(token + 1) * width])
      }
      guard case .tokens(let vocabulary) = model.shape.input else { preconditionFailure("not tokens") }
      return (0..<vocabulary).map { $0 == token ? 1 : 0 }
    }
  }

  /// The output of each direction after its last step.
  private func lastState(_ states: [[Double]]) -> [Double] {
    let hidden = (model.stack.levels.last?[0].outputSize ?? 0)
    let forward = states[states.count - 1][..<hidden]
    return Array(forward) + (configuration.isBidirectional ? Array(states[0][hidden...]) : [])
  }

  private func output(_ state: [Double], _ parameters: [String: [Double]]) -> [Double] {
    if parameters["output/head"] != nil { return adaptive(state, parameters) }
    let outputs = model.shape.outputs
    let product =
      configuration.tieWeights
      ? transposedProduct(state, parameters["embedding/weights"]!, rows: outputs)
      : product(state, parameters["output/weights"]!, columns: outputs)
    return product + parameters["output/bias"]!
  }

  /// Log-probabilities of all classes by an adaptive softmax.
  private func adaptive(_ state: [Double], _ parameters: [String: [Double]]) -> [Double] {
    func logSoftmax(_ logits: [Double]) -> [Double] {
      let maximum = logits.max()!
      let sum = maximum + log(logits.reduce(0) { $0 + exp($1 - maximum) })
      return logits.map { $0 - sum }
    }
    let cutoffs = configuration.adaptiveCutoffs
    let head = logSoftmax(
      product(state, parameters["output/head"]!, columns: cutoffs[0] + cutoffs.count))
    var result = Array(head[..<cutoffs[0]])
    for (number, range) in zip(cutoffs, cutoffs.dropFirst() + [model.shape.outputs]).enumerated() {
      let projection = parameters["output/cluster\(number)/projection"]!
      let projected = product(state, projection, columns: projection.count / state.count)
      let own = logSoftmax(
        product(projected, parameters["output/cluster\(number)/weights"]!, columns: range.1 - range.0))
      result += own.map { $0 + head[cutoffs[0] + number] }
    }
    return result
  }
}

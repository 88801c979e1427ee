import WeftBase
import WeftLayers

extension NetworkDescription {
  /// Checks that the sizes of all weights match.
  ///
  /// - Parameter file: For errors.
  /// - Throws: All mismatches in one line.
  package func check(file: String) throws(WeftError) {
    var obstacles = Obstacles(file: file)
    func refuse(_ complaint: String) -> WeftError { .model("\(file): \(complaint)") }
    if blocks.isEmpty { obstacles.add(refuse("contains no layer beside the output")) }
    switch (input, embedding) {
    case (.features, _?): obstacles.add(refuse("has an embedding, but its inputs are not tokens"))
    case (.tokens(let vocabulary), let embedding?) where embedding.rows != vocabulary:
      obstacles.add(refuse("its embedding has \(embedding.rows) rows for \(vocabulary) tokens"))
    default: break
    }
    var recurrent = 0
    for complaint in blocks.mismatches(inputs: blockInputs, recurrent: &recurrent) {
      obstacles.add(refuse(complaint))
    }
    let inputs = BlockConfiguration.size(of: blocks.map(\.configuration), inputs: blockInputs).outputs
    if let problem = BlockConfiguration.problem(in: blocks.map(\.configuration)) {
      obstacles.add(refuse(problem))
    }
    if let output, output.weights.rows != inputs || output.bias.count != output.weights.columns {
      obstacles.add(
        refuse(
          "the output layer has \(output.weights.rows) inputs, expected \(inputs), and \(output.bias.count)"
            + " biases for \(output.weights.columns) outputs"))
    }
    if let adaptive {
      let matches = adaptive.clusters.allSatisfy {
        $0.projection.rows == inputs && $0.projection.columns == $0.weights.rows
      }
      if adaptive.head.rows != inputs || adaptive.head.columns <= adaptive.clusters.count || !matches {
        obstacles.add(refuse("the weights of the adaptive softmax do not match its \(inputs) inputs"))
      }
    }
    if let transitions, transitions.columns != outputSize || transitions.rows != outputSize + 2 {
      obstacles.add(
        refuse("has transitions between \(transitions.columns) classes for \(outputSize) outputs"))
    }
    if transitions != nil, outputSteps != .everyStep {
      obstacles.add(refuse("has transitions between classes, but no output at every step (model.output)"))
    }
    try obstacles.check()
  }
}

extension [NetworkBlock] {
  /// Why the weights do not fit so many input features, one reason for each block that does not.
  ///
  /// - Parameter recurrent: Recurrent layers before these blocks, and after the call with theirs.
  fileprivate func mismatches(inputs: Int, recurrent: inout Int) -> [String] {
    var inputs = inputs
    var result: [String] = []
    for block in self {
      if case .branches(let branches, _) = block {
        for branch in branches { result += branch.mismatches(inputs: inputs, recurrent: &recurrent) }
      } else {
        if !block.recurrentLevels.isEmpty { recurrent += 1 }
        if let complaint = block.mismatch(inputs: inputs, number: recurrent) { result.append(complaint) }
      }
      // What stands on a mismatch is checked with the sizes that it has.
      inputs = BlockConfiguration.size(of: [block.configuration], inputs: inputs).outputs
    }
    return result
  }
}

extension NetworkBlock {
  /// Why the weights do not fit so many input features; nil if they do.
  ///
  /// - Parameter number: Of a recurrent layer, from 1.
  fileprivate func mismatch(inputs: Int, number: Int) -> String? {
    switch self {
    case .branches(let branches, _):
      var recurrent = number - 1
      return branches.lazy.compactMap { $0.mismatches(inputs: inputs, recurrent: &recurrent).first }.first
    case .recurrent(let level):
      return level.mismatch(inputs: inputs).map { "recurrent layer \(number) \($0)" }
    case .dense(let dense, _):
      guard dense.weights.rows == inputs, dense.bias.count == dense.weights.columns else {
        return "a dense layer has \(dense.weights.rows) inputs, expected \(inputs), and \(dense.bias.count)"
          + " biases for \(dense.weights.columns) outputs"
      }
    case .convolution(let convolution):
      let dense = convolution.dense
      let (windows, overflow) = inputs.multipliedReportingOverflow(by: convolution.width)
      guard !overflow, dense.weights.rows == windows, dense.bias.count == dense.weights.columns else {
        return "the weights of a convolution do not match its \(inputs) inputs"
      }
    case .normalization(let gain, let bias, _):
      guard gain.count == inputs, bias.count == inputs else {
        return "a normalization has \(gain.count) factors and \(bias.count) biases for \(inputs) features"
      }
    case .pooling, .pool, .activation: break
    case .attention(let attention):
      let (projection, score) = (attention.projection, attention.score)
      guard projection.weights.rows == inputs, projection.bias.count == projection.weights.columns,
        score.rows == projection.weights.columns, score.columns == 1
      else { return "the weights of the pooling by attention do not match its \(inputs) inputs" }
    case .residual(let inner): return inner.mismatch(inputs: inputs, number: number)
    case .highway(let inner, let gate):
      if let complaint = inner.mismatch(inputs: inputs, number: number) { return complaint }
      guard gate.weights.rows == inputs, gate.bias.count == gate.weights.columns else {
        return "the gate of a highway does not match its \(inputs) inputs"
      }
    }
    return nil
  }
}

extension RecurrentLevel {
  fileprivate func mismatch(inputs: Int) -> String? {
    for layer in layers {
      guard layer.inputs > 0, layer.hidden > 0, layer.units > 0 else { return "has no units or inputs" }
      guard layer.inputs == inputs else { return "has \(layer.inputs) inputs, expected \(inputs)" }
      guard let first = layers.first, layer.cell == first.cell, layer.units == first.units,
        layer.hidden == first.hidden, layer.activation == first.activation,
        layer.heads == first.heads, layer.isNormalized == first.isNormalized,
        layer.recurrentActivation == first.recurrentActivation
      else { return "has directions of different kinds or sizes, which is not supported" }
      let width = layer.cell.gateCount * layer.units
      guard layer.input.columns == width, layer.bias.count == width, layer.recurrentMatches,
        layer.recurrentBias.count == layer.cell.recurrentBiasGates.count * layer.units
      else { return "has weights that do not match" }
    }
    return nil
  }
}

extension RecurrentWeights {
  /// Whether the recurrent weights have the size that the cell needs.
  fileprivate var recurrentMatches: Bool {
    guard cell.hasRecurrentProducts else { return recurrent.values.isEmpty }
    return recurrent.columns == cell.gateCount * units / heads && recurrent.rows == hidden
  }
}

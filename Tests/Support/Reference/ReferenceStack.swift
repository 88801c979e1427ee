import WeftBase
import WeftLayers
import WeftTensor

/// A stack of recurrent layers from its equations: one sequence at a time, in Double.
package struct ReferenceStack {
  package let stack: BlockStack
  package let isNormalized: Bool
  package let dropout: Float
  package let recurrentDropout: Float
  /// Keys of the engine's dropout masks; nil for none.
  package let dropoutKey: DropoutKey?
  /// Rows of the minibatch.
  package let batch: Int

  package init(
    stack: BlockStack, isNormalized: Bool, dropout: Float, recurrentDropout: Float,
    dropoutKey: DropoutKey?, batch: Int
  ) {
    self.stack = stack
    self.isNormalized = isNormalized
    self.dropout = dropout
    self.recurrentDropout = recurrentDropout
    self.dropoutKey = dropoutKey
    self.batch = batch
  }

  /// The output of every step and the final state of every layer.
  ///
  /// - Parameters:
  ///   - row: Row of the sequence in the minibatch.
  ///   - initial: The state of every layer before the first step; nil for the layers' own.
  ///   - disturbances: Added to hidden states, by layer.
  package func run(
    _ inputs: [[Double]], row: Int, initial: [ReferenceLayer.State]?, parameters: [String: [Double]],
    disturbances: [Int: ReferenceLayer.Disturbance] = [:]
  ) -> (outputs: [[Double]], finals: [ReferenceLayer.State]) {
    var values = dropped(inputs, level: 0, row: row)
    var finals: [ReferenceLayer.State] = []
    for (level, layers) in stack.levels.enumerated() {
      let results = layers.enumerated().map { index, layer in
        let path = "layer\(level)/\(layer.direction.rawValue)"
        var own = Dictionary(
          uniqueKeysWithValues: parameters.compactMap { name, values in
            name.hasPrefix("\(path)/") ? (String(name.dropFirst(path.count + 1)), values) : nil
          })
        if let weights = own["recurrent_weights"], let drop = layer.dropConnect {
          own["recurrent_weights"] = dropped(weights, drop)
        }
        var reference = ReferenceLayer(
          kind: layer.kind, hiddenSize: layer.hiddenSize, direction: layer.direction,
          isNormalized: isNormalized && layer.kind.hasLayerNormalization, parameters: own)
        reference.zoneout = layer.zoneout.map { zoneout in
          { shares(zoneout, row: $0 * batch + row, width: layer.outputSize) }
        }
        reference.cellZoneout = layer.cellZoneout.map { zoneout in
          { shares(zoneout, row: $0 * batch + row, width: layer.cellSize) }
        }
        func zeros(_ count: Int) -> [Double] { [Double](repeating: 0, count: count) }
        let start =
          initial?[level * layers.count + index]
          ?? ReferenceLayer.State(
            hidden: own["initial_hidden"] ?? zeros(layer.outputSize),
            cell: [own["initial_cell"] ?? zeros(layer.hiddenSize), zeros(layer.cellSize - layer.hiddenSize)]
              .flatMap(\.self))
        return reference.run(
          values, from: start,
          mask: mask(
            rate: recurrentDropout, purpose: UInt32(2 * level + index), row: row, width: layer.outputSize),
          disturbance: disturbances[level * layers.count + index])
      }
      finals += results.map(\.final)
      let joined = inputs.indices.map { step in results.flatMap { $0.outputs[step] } }
      values = dropped(joined, level: level + 1, row: row)
    }
    return (values, finals)
  }

  /// The shares of a state that zoneout keeps at a position.
  private func shares(_ zoneout: Zoneout, row: Int, width: Int) -> [Double] {
    mask(rate: zoneout.rate, purpose: zoneout.purpose, row: row, width: width)?.map { $0 == 0 ? 1 : 0 }
      ?? [Double](repeating: Double(zoneout.rate), count: width)
  }

  /// Weights times the mask of this step of the optimizer.
  private func dropped(_ weights: [Double], _ drop: DropConnect) -> [Double] {
    let columns = drop.parameter.columns
    return (0..<drop.parameter.rows).flatMap { row in
      let own = Array(weights[row * columns..<(row + 1) * columns])
      return mask(rate: drop.rate, purpose: drop.purpose, row: row, width: columns).map {
        multiplied(own, $0)
      }
        ?? own
    }
  }

  private func dropped(_ values: [[Double]], level: Int, row: Int) -> [[Double]] {
    values.enumerated().map { step, features in
      let mask = mask(
        rate: dropout, purpose: 1 << 16 + UInt32(level), row: step * batch + row, width: features.count)
      return mask.map { multiplied(features, $0) } ?? features
    }
  }

  private func mask(rate: Float, purpose: UInt32, row: Int, width: Int) -> [Double]? {
    Self.mask(dropoutKey, rate: rate, purpose: purpose, row: row, width: width)
  }

  /// A row of the engine's dropout mask; nil for none.
  static func mask(_ dropoutKey: DropoutKey?, rate: Float, purpose: UInt32, row: Int, width: Int) -> [Double]?
  {
    guard let dropoutKey, rate > 0 else { return nil }
    let mask = Tensor(rows: 1, columns: width)
    InstructionSet.baseline.kernels.dropoutMask(
      key: RandomKey(seed: dropoutKey.seed, purpose: purpose, step: dropoutKey.step), rows: [Int32(row)],
      rate: rate, width: width, into: mask.matrix)
    return mask.values.map(Double.init)
  }
}

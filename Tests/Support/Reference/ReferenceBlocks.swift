import Foundation
import KernelInterface
import WeftLayers

/// A model's blocks from their equations: one sequence at a time, in Double.
package struct ReferenceBlocks {
  package let blocks: [BlockConfiguration]
  package let parameters: [String: [Double]]
  /// Key of the engine's dropout masks; nil for none.
  package let dropoutKey: DropoutKey?
  /// Row of the sequence in the minibatch, and number of rows.
  package let row: Int
  package let batch: Int

  package init(
    blocks: [BlockConfiguration], parameters: [String: [Double]], dropoutKey: DropoutKey? = nil, row: Int = 0,
    batch: Int = 1
  ) {
    self.blocks = blocks
    self.parameters = parameters
    self.dropoutKey = dropoutKey
    self.row = row
    self.batch = batch
  }

  /// Numbers of the blocks so far, and of those of each name.
  private struct Names {
    var counts: [String: Int] = [:]
    var blocks = 0

    mutating func next(_ name: String) -> String {
      defer { counts[name, default: 0] += 1 }
      return "\(name)\(counts[name, default: 0])"
    }
  }

  /// Features of each step after the last block.
  package func run(_ inputs: [[Double]]) -> [[Double]] {
    var names = Names()
    return run(blocks, inputs, &names, halves: false)
  }

  /// - Parameter halves: Whether the inputs are the states of both directions, side by side.
  private func run(
    _ blocks: [BlockConfiguration], _ inputs: [[Double]], _ names: inout Names, halves: Bool
  ) -> [[Double]] {
    var (values, halves) = (inputs, halves)
    /// The states of both directions before the latest merge, nil after other blocks, and the dropout since.
    var unmerged: (states: [[Double]], merge: DirectionMerge)?
    var droppedSince: [(rate: Double, number: Int)] = []
    for block in blocks {
      let before = values
      let number = names.blocks
      names.blocks += 1
      if !block.branches.isEmpty {
        let results = block.branches.map { run($0, before, &names, halves: halves) }
        values = results[0].indices.map { step in joined(results.map { $0[step] }, block.merge) }
      } else if block.cell != nil {
        values = recurrent(block, before, &names)
        halves = block.isBidirectional && block.merge == .concatenate && !block.isResidual && !block.isHighway
        unmerged = block.merge == .concatenate ? nil : (values, block.merge)
        values = values.map { merged($0, block.merge) }
      } else if let units = block.dense {
        values = dense(before, names.next("dense"), units: units, block.activation ?? .linear)
      } else if let filters = block.convolution {
        values = convolution(block, before, names.next("convolution"), filters: filters)
      } else if let kind = block.pooling {
        values = windowsPooled(block, before, kind)
      } else if block.normalization != nil {
        let path = names.next("normalization")
        values = before.map { normalized($0, path, epsilon: block.epsilon) }
      } else if let pool = block.pool {
        if pool == .last, let unmerged {
          // What is dropped after the merge is dropped after pooling.
          values = [merged(last(unmerged.states), unmerged.merge)]
          for (rate, number) in droppedSince { values = dropped(values, rate: rate, number: number) }
        } else {
          values = [pooled(pool, before, blocks, isBidirectional: halves, block.activation ?? .tanh, &names)]
        }
      } else if let activation = block.activation {
        values = before.map { $0.map(activation.reference) }
      }
      if block.cell == nil, block.normalization == nil, block.type?.key != "activation",
        block.dropout == nil || block.dense != nil || block.pooling != nil
      {
        (halves, unmerged) = (false, nil)
      }
      if let rate = block.dropout {
        values = dropped(values, rate: rate, number: number)
        if block.cell != nil { droppedSince = [] }
        droppedSince.append((rate, number))
      } else if block.cell != nil {
        droppedSince = []
      }
      if block.isResidual { values = zip(values, before).map { $0 + $1 } }
      if block.isHighway {
        let gates = dense(before, names.next("highway"), units: values[0].count, .sigmoid)
        values = values.indices.map { step in
          values[step].indices.map { unit in
            let gate = gates[step][unit]
            return gate * values[step][unit] + (1 - gate) * before[step][unit]
          }
        }
      }
    }
    return values
  }

  private func recurrent(_ block: BlockConfiguration, _ inputs: [[Double]], _ names: inout Names)
    -> [[Double]]
  {
    let path = names.next("layer")
    let directions: [Direction] =
      block.isBidirectional ? [.forward, .backward] : [block.isBackward ? .backward : .forward]
    let results = directions.map { direction in
      let prefix = "\(path)/\(direction.rawValue)/"
      let own = Dictionary(
        uniqueKeysWithValues: parameters.compactMap { name, values in
          name.hasPrefix(prefix) ? (String(name.dropFirst(prefix.count)), values) : nil
        })
      let (cell, hidden) = (block.cell ?? .lstm, block.hidden ?? 0)
      var layer = ReferenceLayer(
        kind: cell, hiddenSize: hidden, direction: direction,
        isNormalized: block.layerNormalization ?? false, parameters: own)
      layer.activation = block.activation ?? cell.activation
      layer.recurrentActivation = block.recurrentActivation ?? .sigmoid
      let size = cell.outputSize(units: hidden, projection: block.projection)
      let zero = ReferenceLayer.State(
        hidden: [Double](repeating: 0, count: size),
        cell: [Double](repeating: 0, count: cell.cellVectors * hidden))
      // Expected values: what is drawn is checked with stacks and models.
      if let rate = block.zoneout { layer.zoneout = { _ in zero.hidden.map { _ in rate } } }
      if let rate = block.cellZoneout { layer.cellZoneout = { _ in zero.cell.map { _ in rate } } }
      return layer.run(inputs, from: zero, mask: nil).outputs
    }
    return inputs.indices.map { step in results.flatMap { $0[step] } }
  }

  private func dropped(_ values: [[Double]], rate: Double, number: Int) -> [[Double]] {
    values.enumerated().map { step, features in
      let mask = ReferenceStack.mask(
        dropoutKey, rate: Float(rate), purpose: 1 << 16 + UInt32(number), row: step * batch + row,
        width: features.count)
      return mask.map { multiplied(features, $0) } ?? features
    }
  }

  private func joined(_ parts: [[Double]], _ merge: DirectionMerge) -> [Double] {
    if merge == .concatenate { return parts.flatMap(\.self) }
    return parts[0].indices.map { place in
      let values = parts.map { $0[place] }
      if merge == .product { return values.reduce(1, *) }
      return values.reduce(0, +) / (merge == .mean ? Double(values.count) : 1)
    }
  }

  private func merged(_ states: [Double], _ merge: DirectionMerge) -> [Double] {
    let (forward, backward) = (Array(states[..<(states.count / 2)]), Array(states[(states.count / 2)...]))
    switch merge {
    case .concatenate: return states
    case .sum: return forward + backward
    case .mean: return (forward + backward).map { $0 / 2 }
    case .product: return multiplied(forward, backward)
    }
  }

  private func dense(_ inputs: [[Double]], _ path: String, units: Int, _ activation: Activation) -> [[Double]]
  {
    inputs.map { input in
      (product(input, parameters["\(path)/weights"]!, columns: units) + parameters["\(path)/bias"]!)
        .map(activation.reference)
    }
  }

  private func convolution(
    _ block: BlockConfiguration, _ inputs: [[Double]], _ path: String, filters: Int
  ) -> [[Double]] {
    let zeros = inputs[0].map { _ in 0.0 }
    let span = ((block.width ?? 1) - 1) * block.dilation + 1
    // The sequence with its padding written out.
    var padded = inputs
    switch block.padding {
    case .causal: padded = [[Double]](repeating: zeros, count: span - 1) + inputs
    case .same:
      let outputs = (inputs.count + block.stride - 1) / block.stride
      let total = max(0, (outputs - 1) * block.stride + span - inputs.count)
      padded =
        [[Double]](repeating: zeros, count: total / 2) + inputs
        + [[Double]](repeating: zeros, count: total - total / 2)
    case .valid: padded += [[Double]](repeating: zeros, count: max(0, span - inputs.count))
    }
    let windows = stride(from: 0, through: padded.count - span, by: block.stride).map { start in
      (0..<(block.width ?? 1)).flatMap { padded[start + $0 * block.dilation] }
    }
    return dense(windows, path, units: filters, block.activation ?? .linear)
  }

  private func windowsPooled(
    _ block: BlockConfiguration, _ inputs: [[Double]], _ kind: WindowPooling
  ) -> [[Double]] {
    let width = block.width ?? 1
    // Steps of the sequence with its padding written out; nil for those beyond its ends.
    var steps: [Int?] = Array(inputs.indices)
    func nothing(_ count: Int) -> [Int?] { [Int?](repeating: nil, count: count) }
    switch block.padding {
    case .causal: steps = nothing(width - 1) + steps
    case .same:
      let outputs = (inputs.count + block.stride - 1) / block.stride
      let total = max(0, (outputs - 1) * block.stride + width - inputs.count)
      steps = nothing(total / 2) + steps + nothing(total - total / 2)
    case .valid: steps += nothing(max(0, width - inputs.count))
    }
    return stride(from: 0, through: steps.count - width, by: block.stride).map { start in
      let window = steps[start..<start + width].compactMap { $0.map { inputs[$0] } }
      return inputs[0].indices.map { unit in
        let values = window.map { $0[unit] }
        return kind == .maximum ? values.max()! : values.reduce(0, +) / Double(values.count)
      }
    }
  }

  private func normalized(_ features: [Double], _ path: String, epsilon: Double) -> [Double] {
    let mean = features.reduce(0, +) / Double(features.count)
    let variance = features.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(features.count)
    let scaled = features.map { ($0 - mean) / (variance + epsilon).squareRoot() }
    return multiplied(scaled, parameters["\(path)/gain"]!) + parameters["\(path)/bias"]!
  }

  /// The forward half of the last step, and the backward half of the first one.
  private func last(_ states: [[Double]]) -> [Double] {
    let half = states[0].count / 2
    return Array(states[states.count - 1][..<half] + states[0][half...])
  }

  private func pooled(
    _ pool: PoolKind, _ states: [[Double]], _ blocks: [BlockConfiguration], isBidirectional: Bool,
    _ activation: Activation, _ names: inout Names
  ) -> [Double] {
    switch pool {
    case .last:
      if isBidirectional { return last(states) }
      // A layer that reads backward only ends at the first step.
      let isBackward = blocks.last { $0.cell != nil }?.isBackward ?? false
      let isDirect =
        blocks.firstIndex { $0.pool != nil }.map { $0 > 0 && blocks[$0 - 1].cell != nil } ?? false
      return states[isBackward && isDirect ? 0 : states.count - 1]
    case .lastPosition: return states[states.count - 1]
    case .mean:
      return states[0].indices.map { unit in states.reduce(0) { $0 + $1[unit] } / Double(states.count) }
    case .maximum: return states[0].indices.map { unit in states.map { $0[unit] }.max() ?? 0 }
    case .attention:
      let number = names.next("pooling")
      let path = number == "pooling0" ? "pooling" : number
      let bias = parameters["\(path)/bias"]!
      let scores = states.map { state in
        let compared = (product(state, parameters["\(path)/weights"]!, columns: bias.count) + bias).map {
          activation.reference($0)
        }
        return multiplied(compared, parameters["\(path)/score"]!).reduce(0, +)
      }
      let exponentials = scores.map { exp($0 - scores.max()!) }
      let total = exponentials.reduce(0, +)
      return states[0].indices.map { unit in
        zip(states, exponentials).reduce(0) { $0 + $1.0[unit] * $1.1 } / total
      }
    }
  }
}

extension Activation {
  /// The function in Double.
  package func reference(_ x: Double) -> Double {
    switch self {
    case .linear: x
    case .relu: max(x, 0)
    case .leakyReLU: x > 0 ? x : 0.01 * x
    case .elu: x > 0 ? x : expm1(x)
    case .gelu: x * erfc(-x / 2.0.squareRoot()) / 2
    case .selu: 1.050_700_987_355_480_5 * (x > 0 ? x : 1.673_263_242_354_377_2 * expm1(x))
    case .silu: x / (1 + exp(-x))
    case .mish: x * Foundation.tanh(max(x, 0) + log1p(exp(-abs(x))))
    case .relu6: min(max(x, 0), 6)
    case .tanh: Foundation.tanh(x)
    case .sigmoid: 1 / (1 + exp(-x))
    case .softplus: max(x, 0) + log1p(exp(-abs(x)))
    case .softsign: x / (1 + abs(x))
    case .exponential: exp(x)
    case .hardSigmoid: min(max(x / 6 + 0.5, 0), 1)
    case .hardSigmoidKeras2: min(max(0.2 * x + 0.5, 0), 1)
    }
  }
}

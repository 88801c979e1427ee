import Testing
import WeftBase
import WeftLayers
import WeftTensor

/// A stack with random parameters, inputs, initial states and gradients from above, generated from a seed.
package struct StackCase: Sendable, CustomTestStringConvertible {
  package let kind: CellType
  package let isNormalized: Bool
  package let isDropped: Bool
  package let seed: UInt64

  package init(kind: CellType, isNormalized: Bool, isDropped: Bool, seed: UInt64) {
    self.kind = kind
    self.isNormalized = isNormalized
    self.isDropped = isDropped
    self.seed = seed
  }

  package var testDescription: String {
    "\(kind.rawValue)\(isNormalized ? ", normalised" : "")\(isDropped ? ", dropout" : ""), seed \(seed)"
  }

  package static func all(seeds: Range<UInt64>) -> [StackCase] {
    CellType.allCases.flatMap { kind in
      [false, true].flatMap { isNormalized in
        [false, true].flatMap { isDropped in
          seeds.map { StackCase(kind: kind, isNormalized: isNormalized, isDropped: isDropped, seed: $0) }
        }
      }
    }
  }

  /// Two of three cases have rows of different lengths; odd seeds read in both directions.
  package func make() -> StackRun {
    var random = SplitMix(seed: seed + 977)
    var options = RecurrentLayerOptions(
      kind: kind, hiddenSize: [1, 5, 7, 13, 16, 17].randomElement(using: &random) ?? 5)
    if kind.recurrentWeights == .blocks { options.hiddenSize = [1, 6, 8, 12, 34][Int(seed) % 5] }
    if kind.hasProjection, seed % 4 > 0 {
      // A separate random sequence, so that everything else is as with other cells.
      var own = SplitMix(seed: seed + 31)
      options.projectionSize = [1, 3, 16, 19].randomElement(using: &own)
    }
    options.layerNormalization = isNormalized
    options.recurrentDropout = isDropped ? 0.35 : 0
    // Without masks, zoneout takes its expected value.
    options.zoneout = isDropped || seed % 4 == 3 ? 0.25 : 0
    options.cellZoneout = isDropped || seed % 4 == 3 ? 0.125 : 0
    if kind.recurrentWeights == .blocks {
      options.heads = [2, 3, 1].first { options.hiddenSize % $0 == 0 && seed % 2 == 0 } ?? 1
    }
    let inputs = Int.random(in: 1...18, using: &random)
    var layout = ParameterLayout()
    let stack = BlockStack(
      inputSize: inputs, levels: seed % 3 == 0 ? 1 : 2, isBidirectional: seed % 2 == 1,
      dropout: isDropped ? 0.25 : 0, options: options, layout: &layout)
    let parameters = Tensor(rows: 1, columns: layout.count)
    for parameter in layout.parameters {
      let first = parameter.initialization.values(
        rows: parameter.rows, columns: parameter.columns,
        key: RandomKey(seed: seed, purpose: RandomPurpose.initialization(parameter.name)))
      parameter.matrix(in: parameters.matrix).assign(
        zip(first, random.floats(parameter.count, in: -0.2...0.2)).map { $0 + $1 })
    }
    let steps = Int.random(in: 1...6, using: &random)
    let rows = Int.random(in: 1...5, using: &random)
    let lengths =
      seed % 3 == 1
      ? [Int](repeating: steps, count: rows) : [steps] + random.lengths(rows: rows - 1, upTo: steps)
    func numbers(_ features: Int) -> TimeMajor {
      TimeMajor(
        steps: steps, rows: rows, features: features, values: random.floats(steps * rows * features))
    }
    func state(isInitial: Bool = false) -> RecurrentState {
      let state = RecurrentState(batch: rows, layers: stack.layers)
      for (_, tensor) in state.tensors { tensor.values = random.floats(tensor.values.count) }
      if isInitial { state.makePossible(for: stack.layers) }
      return state
    }
    return StackRun(
      stack: stack, layout: layout, parameters: parameters, lengths: lengths, inputs: numbers(inputs),
      initial: state(isInitial: true), outputGradient: numbers(stack.outputSize), finalGradient: state(),
      dropoutKey: isDropped ? DropoutKey(seed: seed, step: 11) : nil)
  }
}

extension StackRun {
  /// The stack from its equations, with this run's masks.
  package func reference(isNormalized: Bool) -> ReferenceStack {
    let isDropped = dropoutKey != nil
    return ReferenceStack(
      stack: stack, isNormalized: isNormalized, dropout: isDropped ? 0.25 : 0,
      recurrentDropout: isDropped ? 0.35 : 0, dropoutKey: dropoutKey, batch: lengths.count)
  }

  package var namedParameters: [String: [Double]] {
    Dictionary(
      uniqueKeysWithValues: layout.parameters.map { ($0.name, parameters.values(of: $0).map(Double.init)) })
  }

  /// A row's inputs, step by step.
  package func inputs(row: Int) -> [[Double]] {
    (0..<lengths[row]).map { inputs[$0, row].map(Double.init) }
  }
}

extension RecurrentState {
  /// A row's states, layer by layer.
  package func states(row: Int) -> [ReferenceLayer.State] {
    layers.map { layer in
      func values(_ tensor: Tensor?) -> [Double] {
        tensor.map { tensor in
          let columns = tensor.matrix.columns
          return tensor.values[row * columns..<(row + 1) * columns].map(Double.init)
        } ?? []
      }
      return ReferenceLayer.State(hidden: values(layer.hidden), cell: values(layer.cell))
    }
  }
}

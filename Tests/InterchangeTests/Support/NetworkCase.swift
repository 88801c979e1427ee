import Interchange
import TestSupport
import Testing

@testable import WeftLayers
@testable import WeftModels

/// A test network with odd sizes and random weights.
struct NetworkCase: Sendable, CustomTestStringConvertible {
  var cell: CellType
  var isBidirectional = false
  var levels = 1
  var steps = OutputSteps.everyStep
  var readsTokens = false
  var learnsInitialState = false

  /// Every cell in one and two directions, in one level and stacked, with outputs of all steps and of the last one.
  static let all: [NetworkCase] = CellType.allCases.flatMap { cell in
    [false, true].flatMap { isBidirectional in
      [1, 3].flatMap { levels in
        [OutputSteps.everyStep, .lastStep].map { steps in
          NetworkCase(
            cell: cell, isBidirectional: isBidirectional, levels: levels, steps: steps,
            readsTokens: (levels == 1) == (steps == .lastStep))
        }
      }
    }
  }

  var testDescription: String { name }

  /// Such as `lstm-bidirectional-3-tokens-last-step`.
  var name: String {
    ([cell.rawValue] + (isBidirectional ? ["bidirectional"] : []) + ["\(levels)"]
      + [readsTokens ? "tokens" : "features", steps.rawValue] + (learnsInitialState ? ["learned"] : []))
      .joined(separator: "-")
  }

  static let tokens = 11
  static let embedding = 6
  static let features = 5
  static let hidden = 7
  static let projection = 4
  static let outputs = 9

  /// Size of the hidden state.
  private var stateSize: Int { cell.hasProjection ? Self.projection : Self.hidden }

  var network: NetworkDescription {
    var random = SplitMix(seed: 17)
    func matrix(_ rows: Int, _ columns: Int) -> WeightMatrix {
      WeightMatrix(rows: rows, columns: columns, values: random.floats(rows * columns))
    }
    let embedding = readsTokens ? matrix(Self.tokens, Self.embedding) : nil
    var inputs = readsTokens ? Self.embedding : Self.features
    var stack: [[RecurrentWeights]] = []
    for _ in 0..<levels {
      let level = (0..<(isBidirectional ? 2 : 1)).map { _ in
        let width = cell.gateCount * Self.hidden
        var layer = RecurrentWeights(
          cell: cell, input: matrix(inputs, width), recurrent: matrix(stateSize, width),
          bias: random.floats(width),
          recurrentBias: random.floats(cell.recurrentBiasGates.count * Self.hidden))
        if cell == .lstmPeephole { layer.others["peephole_weights"] = matrix(1, 3 * Self.hidden) }
        if cell == .lstmProjection { layer.others["projection_weights"] = matrix(Self.hidden, stateSize) }
        if learnsInitialState {
          layer.initialHidden = random.floats(stateSize)
          if cell.hasCellState { layer.initialCell = random.floats(Self.hidden) }
        }
        // ReLU would grow without bound over time.
        if cell == .relu {
          for index in layer.recurrent.values.indices { layer.recurrent.values[index] *= 0.3 }
        }
        return layer
      }
      stack.append(level)
      inputs = level.count * stateSize
    }
    return NetworkDescription(
      input: readsTokens ? .tokens(Self.tokens) : .features(Self.features), embedding: embedding,
      levels: stack, outputSteps: steps,
      output: DenseWeights(weights: matrix(inputs, Self.outputs), bias: random.floats(Self.outputs)))
  }
}

extension SplitMix {
  mutating func floats(_ count: Int) -> [Float] { floats(count, in: -0.5...0.5) }
}

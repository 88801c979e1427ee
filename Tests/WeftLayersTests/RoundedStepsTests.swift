import TestSupport
import Testing

@testable import KernelInterface
@testable import WeftLayers
@testable import WeftTensor

/// In bfloat16, a layer keeps some steps' gates and cell states in float32 and rounds the others. It computes what a
/// pass does that keeps all of them and rounds them between forward and backward.
@Suite("Rounded gates and cell states") struct RoundedStepsTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let kind: CellType
    let direction: Direction
    let units: Int
    /// Time steps of each row, descending.
    let lengths: [Int]

    var testDescription: String { "\(kind.rawValue) \(direction), \(units) units, rows of \(lengths)" }
  }

  /// Small gates make blocks of many positions: the long cases have several.
  static let cases = [CellType.lstm, .lstmProjection, .gru, .gruResetAfter, .tanh, .relu].flatMap { kind in
    [Direction.forward, .backward].flatMap { direction in
      [
        Case(kind: kind, direction: direction, units: 7, lengths: [3, 1]),
        Case(kind: kind, direction: direction, units: 65, lengths: [120, 120, 90, 90, 33, 7, 1]),
        Case(kind: kind, direction: direction, units: 130, lengths: [Int](repeating: 41, count: 5)),
      ]
    }
  }

  @Test(arguments: cases) func giveTheBitsOfRoundingAllAtOnce(_ test: Case) {
    let windows = results(test, keepsAllSteps: false)
    let whole = results(test, keepsAllSteps: true)
    for (first, second) in zip(windows, whole) {
      #expect(first.values.map(\.bitPattern) == second.values.map(\.bitPattern), "\(first.name)")
    }
  }

  @Test("Rounding changes gradients, and not the forward pass", arguments: [CellType.lstm, .gru])
  func changesGradients(_ kind: CellType) {
    let test = Case(kind: kind, direction: .forward, units: 65, lengths: [120, 90])
    let rounded = results(test, keepsAllSteps: false)
    let exact = results(test, keepsAllSteps: true, rounds: false)
    for (first, second) in zip(rounded, exact) {
      let isForward = ["hidden states", "final hidden", "final cell"].contains(first.name)
      #expect((first.values == second.values) == isForward, "\(first.name)")
      // Half the distance of two neighbours at 1, in 8 bits of significand, a few times over.
      let difference = relativeDifference(first.values, second.values.map(Double.init))
      #expect(difference < 8 * 0x1p-8, "\(first.name): \(difference)")
    }
  }

  private func results(
    _ test: Case, keepsAllSteps: Bool, rounds: Bool = true
  ) -> [(name: String, values: [Float])] {
    var random = SplitMix(seed: UInt64(test.units))
    let (inputSize, rows) = (9, test.lengths.count)
    var options = RecurrentLayerOptions(kind: test.kind, hiddenSize: test.units)
    if test.kind.hasProjection { options.projectionSize = 21 }
    var layout = ParameterLayout(dotAlgorithm: .bf16_bf16_f32)
    let layer = RecurrentLayer(
      path: "layer", inputSize: inputSize, options: options, direction: test.direction, purpose: 0,
      layout: &layout)
    let parameters = Tensor(
      rows: 1, columns: layout.count, values: random.floats(layout.count, in: -0.2...0.2))
    let engine = Engine(.baseline, dotAlgorithm: .bf16_bf16_f32)
    layer.pack(engine, parameters: parameters.matrix, worker: 0, workers: 1)
    let gradient = Tensor(rows: 1, columns: layout.gradientCount)
    let shard = Shard(
      engine: engine, layout: SequenceLayout(lengths: test.lengths, lanes: 2),
      globalRows: (0..<Int32(rows)).map { $0 }, batch: rows, parameters: parameters.matrix, nodes: [0..<2],
      gradients: [gradient.matrix], arena: Arena(), dropoutKey: nil)
    shard.keepsAllSteps = keepsAllSteps
    func matrix(_ count: Int, _ columns: Int) -> Matrix {
      let result = shard.arena.matrix(rows: count, columns: columns)
      result.assign(random.floats(count * columns))
      return result
    }
    func state() -> LayerState {
      let state = RecurrentState(batch: rows, layers: [layer])
      for (_, tensor) in state.tensors { tensor.values = random.floats(tensor.values.count) }
      return state.layers[0]
    }
    let inputs = matrix(shard.layout.positions, inputSize)
    let outputGradient = matrix(shard.layout.positions, layer.outputSize)
    let (initial, finalGradient) = (state(), state())
    let (final, initialGradient) = (state(), state())

    let pass = layer.forward(.features(inputs), initial: initial, shard)
    #expect(layer.usesWindow(shard) != keepsAllSteps)
    layer.storeFinal(pass, into: final, shard)
    if keepsAllSteps, rounds {
      round(pass.gates.matrix, shard)
      round(pass.cell.matrix, shard)
    }
    let inputGradient = shard.arena.matrix(like: inputs)
    layer.backward(
      pass, inputs: .features(inputs), outputGradient: outputGradient, finalGradient: finalGradient,
      inputGradient: inputGradient, initialGradient: initialGradient, gradientNorms: nil, shard)
    return [
      ("hidden states", pass.hidden.elements), ("input gradient", inputGradient.elements),
      ("gradient", gradient.values),
    ] + states("final", final) + states("initial gradient", initialGradient)
  }

  private func states(_ name: String, _ state: LayerState) -> [(name: String, values: [Float])] {
    [("\(name) hidden", state.hidden.values)] + (state.cell.map { [("\(name) cell", $0.values)] } ?? [])
  }

  private func round(_ matrix: Matrix, _ shard: Shard) {
    let rounded = shard.arena.bfloat16Matrix(rows: matrix.rows, columns: matrix.columns)
    shard.kernels.round(matrix, into: rounded)
    shard.kernels.widen(rounded, into: matrix)
  }
}

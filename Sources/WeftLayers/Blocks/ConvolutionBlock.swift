import KernelInterface
import WeftBase
import WeftTensor

/// One-dimensional convolution over time: y_t = f(Σ_k W_k x_{t·stride + k·dilation − before} + b).
///
/// The inputs of each window are gathered side by side, so that the convolution is a dense block over them.
package struct ConvolutionBlock: Block {
  let window: StepWindow
  private let inputSize: Int
  private let dense: DenseBlock

  /// - Parameter path: Prefix of the parameter names `weights [width × inputSize, filters]` and `bias [filters]`.
  init(
    path: String, inputSize: Int, filters: Int, window: StepWindow, activation: Activation,
    initialization: Initialization, layout: inout ParameterLayout
  ) {
    self.window = window
    self.inputSize = inputSize
    dense = DenseBlock(
      path: path, inputSize: window.width * inputSize, units: filters, activation: activation,
      initialization: initialization, layout: &layout)
  }

  package var outputSize: Int { dense.outputSize }
  package var firstParameter: Int? { dense.firstParameter }
  package var stepWeightBytes: Int { dense.stepWeightBytes }
  package var canOverwriteGradient: Bool { false }
  package var canBeStepped: Bool { false }
  package var canBeSegmented: Bool { false }

  package var activationBytes: Int {
    let windows = 2 * VectorWidth.padded(window.width * inputSize) + VectorWidth.padded(inputSize)
    return dense.activationBytes + windows * MemoryLayout<Float>.stride
  }

  package func outputLength(_ length: Int) -> Int { window.outputLength(length) }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    dense.pack(engine, parameters: parameters, worker: worker, workers: workers)
  }

  package func forward(_ input: Steps<Matrix>, initial: RecurrentState?, _ shard: Shard) -> BlockPass {
    guard case .features(let values) = input else { preconditionFailure("a convolution reads features") }
    let outputs = shard.shortened(to: shard.layout.lengths.map(window.outputLength))
    let windows = shard.arena.matrix(
      rows: outputs.layout.positions, columns: window.width * inputSize)
    for place in 0..<window.width {
      shard.kernels.gatherRows(
        table: values, indices: inputPositions(shard.layout, outputs.layout, place: place),
        into: windows.columns(columns(place)))
    }
    let pass = dense.forward(.features(windows), initial: nil, outputs)
    return BlockPass(input: input, output: pass.output, shard: outputs, parts: [pass])
  }

  package func backward(
    _ pass: BlockPass, _ gradient: Matrix, into inputGradient: Matrix?, _ states: StateGradients,
    _ shard: Shard
  ) {
    let (arena, kernels) = (shard.arena, shard.kernels)
    let windows = inputGradient.map { _ in arena.matrix(like: pass.parts[0].features) }
    dense.backward(pass.parts[0], gradient, into: windows, states, pass.shard)
    guard let inputGradient, let windows else { return }
    let part = arena.matrix(like: inputGradient)
    kernels.fill(inputGradient, with: 0)
    for place in 0..<window.width {
      // Each input is at a place of at most one window.
      var outputs = [Int32](repeating: -1, count: inputGradient.rows)
      let inputs = inputPositions(shard.layout, pass.shard.layout, place: place)
      for (output, input) in inputs.enumerated() where input >= 0 { outputs[Int(input)] = Int32(output) }
      kernels.gatherRows(table: windows.columns(columns(place)), indices: outputs, into: part)
      kernels.add(part, to: inputGradient)
    }
  }

  private func columns(_ place: Int) -> Range<Int> { place * inputSize..<(place + 1) * inputSize }

  /// The input position that each output position reads at a place of its window; −1 for zeros.
  private func inputPositions(_ input: SequenceLayout, _ output: SequenceLayout, place: Int) -> [Int32] {
    zip(output.rowOfPosition, output.stepOfPosition).map { row, step in
      window.inputStep(Int(step), place: place, length: input.lengths[Int(row)])
        .map { Int32(input.starts[$0]) + row } ?? -1
    }
  }
}

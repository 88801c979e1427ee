import KernelInterface
import WeftBase
import WeftConfiguration
import WeftTensor

/// Steps beyond the ends of a sequence that a convolution reads as zeros.
public enum ConvolutionPadding: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// Only before the first step: outputs depend on no later input.
  case causal
  /// On both sides, so that without a stride there are as many outputs as inputs.
  case same
  /// None; a sequence shorter than the window has one output, for which zeros follow it.
  case valid
}

/// The windows of a convolution over the steps of a sequence.
struct ConvolutionWindow: Equatable {
  /// Steps in a window.
  let width: Int
  let stride: Int
  /// Distance of the steps in a window.
  let dilation: Int
  let padding: ConvolutionPadding

  /// Steps from a window's first to after its last.
  private var span: Int { (width - 1) * dilation + 1 }

  /// Outputs of a sequence.
  func outputLength(_ length: Int) -> Int {
    padding == .valid ? max(0, length - span) / stride + 1 : (length - 1) / stride + 1
  }

  /// Zeros before a sequence's first step.
  private func before(_ length: Int) -> Int {
    switch padding {
    case .causal: span - 1
    case .same: max(0, (outputLength(length) - 1) * stride + span - length) / 2
    case .valid: 0
    }
  }

  /// The input step that an output reads at a place in its window; nil beyond the ends.
  func inputStep(_ output: Int, place: Int, length: Int) -> Int? {
    let step = output * stride + place * dilation - before(length)
    return (0..<length).contains(step) ? step : nil
  }
}

/// One-dimensional convolution over time: y_t = f(Σ_k W_k x_{t·stride + k·dilation − before} + b).
///
/// The inputs of each window are gathered side by side, so that the convolution is a dense block over them.
package struct ConvolutionBlock: Block {
  let window: ConvolutionWindow
  private let inputSize: Int
  private let dense: DenseBlock

  /// - Parameter path: Prefix of the parameter names `weights [width × inputSize, filters]` and `bias [filters]`.
  init(
    path: String, inputSize: Int, filters: Int, window: ConvolutionWindow, activation: Activation,
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

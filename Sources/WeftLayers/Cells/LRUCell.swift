import KernelInterface
import WeftTensor

extension CellType {
  /// Linear recurrent unit.
  public static let lru = CellType(
    name: "lru", gates: "ri", hiddenVectors: 2, recurrentWeights: .none,
    make: { builder in LRUCell(&builder) })
}

/// Linear recurrent unit (Orvieto et al. 2023): h = λ∘h₋₁ + γ∘(W x + b) of complex numbers, with
/// λ = exp(−exp(ν) + i·exp(θ)), so that |λ| < 1, and γ = exp(g), at first √(1 − |λ|²), with which |h| does not depend on
/// |λ|. ν, θ and g are parameters. The hidden state is the real parts beside the imaginary ones; a dense layer above reads
/// them as Re(C h).
///
/// Backward with P = Re(dh∘h̄₋₁) and Q = Im(dh∘h̄₋₁): dh₋₁ = λ̄∘dh; da = γ∘dh; dν = −exp(ν)∘Re(λ)∘P − exp(ν)∘Im(λ)∘Q;
/// dθ = exp(θ)∘(Re(λ)∘Q − Im(λ)∘P); dg = Re(da∘ā), each summed over all positions.
package struct LRUCell: ElementwiseCell {
  /// ν, θ and g.
  private let decay: Parameter
  private let angle: Parameter
  private let scale: Parameter
  private let units: Int
  /// Re λ, Im λ, γ, −exp(ν) and exp(θ), side by side.
  private let coefficients: Tensor

  package var gates: Int { 2 }
  /// What dν, dθ and dg sum up, side by side.
  package var kept: [Int] { [3 * VectorWidth.padded(units)] }

  init(_ builder: inout CellBuilder) {
    units = builder.units
    let ring = InitialValues.decay(from: 0.5, to: 0.99)
    let initialDecay =
      builder.options.memorySpan.map { InitialValues.timescales(signs: [-1], longest: $0) } ?? ring
    decay = builder.row("log_nu", gates: 1, initialDecay)
    angle = builder.row("log_theta", gates: 1, .logarithm(upTo: 2 * Float.pi))
    scale = builder.row("log_gamma", gates: 1, .decayScale(initialDecay, parameter: "\(builder.path)/log_nu"))
    coefficients = Tensor(rows: 1, columns: 5 * VectorWidth.padded(units))
  }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    if worker > 0 { return }
    let padded = VectorWidth.padded(units)
    // Written at once: executors that share the model write the same numbers, and nothing else, at any time.
    let fresh = Tensor(rows: 1, columns: 5 * padded)
    func part(_ number: Int) -> Matrix { fresh.matrix.columns(number * padded..<number * padded + units) }
    for (number, parameter) in [(2, scale), (3, decay), (4, angle)] {
      engine.kernels.copy(parameter.matrix(in: parameters), into: part(number))
      engine.kernels.applyExponential(part(number))
    }
    engine.kernels.scale(part(3), by: -1)
    engine.kernels.copy(part(3), into: part(0))
    engine.kernels.applyExponential(part(0))
    for unit in 0..<units {
      let (modulus, phase) = (Double(part(0)[0, unit]), UnitCircle(angle: Double(part(4)[0, unit])))
      part(0)[0, unit] = Float(modulus * phase.cosine)
      part(1)[0, unit] = Float(modulus * phase.sine)
    }
    engine.kernels.copy(fresh.matrix, into: coefficients.matrix)
  }

  package func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    shard.kernels.lruForward(
      gates: pass.gates.rows(segment.positions), coefficients: coefficients.matrix,
      previousHidden: pass.hidden.rows(segment.previous), hidden: pass.newHidden(segment))
  }

  package func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, hiddenGradient: Matrix, cellGradient: Matrix,
    recurrentGradient: Matrix, _ shard: Shard
  ) {
    shard.kernels.lruBackward(
      gates: pass.gates.rows(segment.positions), coefficients: coefficients.matrix,
      previousHidden: pass.hidden.rows(segment.previous), hiddenGradient: hiddenGradient,
      sums: pass.kept[0].rows(segment.positions))
  }

  package func accumulateOther(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard) {
    let padded = VectorWidth.padded(units)
    for (number, parameter) in [decay, angle, scale].enumerated() {
      shard.columnSums(
        values: pass.kept[0].columns(number * padded..<(number + 1) * padded), factors: nil, width: units,
        rows: pass.layout.lanePositions, outputs: shard.gradients(of: parameter))
    }
  }
}

import TestSupport
import Testing

@testable import KernelInterface
@testable import WeftTensor

/// Activations of layers and pooling by maxima against plain code in Double.
@Suite("Layer activations") struct LayerActivationTests {
  static let inputs: [Float] =
    stride(from: -12, through: 12, by: 0.0625).map { Float($0) } + [
      -100, 100, -1e-6, 1e-6, 0, -0.0, 3.1, -2.9,
    ]

  @Test(arguments: Activation.allCases, InstructionSet.available)
  func values(activation: Activation, set: InstructionSet) {
    let columns = 19
    let rows = (Self.inputs.count + columns - 1) / columns
    let padded = Self.inputs + [Float](repeating: 0.5, count: rows * columns - Self.inputs.count)
    let x = Tensor(rows: rows, columns: columns)
    x.matrix.assign(padded)
    let y = Tensor(rows: rows, columns: columns)
    set.kernels.activate(activation, x.matrix, into: y.matrix)
    let gradient = Tensor(rows: rows, columns: columns)
    gradient.matrix.assign(padded.map { _ in 1 })
    set.kernels.activateBackward(
      activation, gradient.matrix, values: (activation.gradientReadsInputs ? x : y).matrix)
    for (place, input) in padded.enumerated() {
      let (row, column) = (place / columns, place % columns)
      let exact = activation.reference(Double(input))
      if exact > Double(Float.greatestFiniteMagnitude) {
        #expect(y.matrix[row, column] == .infinity)
        continue
      }
      #expect(
        abs(Double(y.matrix[row, column]) - exact) <= 4e-7 * max(abs(exact), 0.25), "\(activation)(\(input))")
      // The hard sigmoid and rectifiers have corners.
      let step = 1e-6
      let slope =
        (activation.reference(Double(input) + step) - activation.reference(Double(input) - step)) / (2 * step)
      if input == 0 || abs(abs(Double(input)) - 3) < 1e-5 || abs(abs(Double(input)) - 2.5) < 1e-5
        || abs(input) < 1e-5 || input == 6
      {
        continue
      }
      #expect(
        abs(Double(gradient.matrix[row, column]) - slope) <= 2e-6 * max(abs(slope), 1),
        "\(activation)′(\(input))")
    }
  }

  @Test(arguments: Activation.allCases)
  func notANumber(activation: Activation) {
    let x = Tensor(rows: 1, columns: 1)
    x.matrix[0, 0] = .nan
    InstructionSet.baseline.kernels.activate(activation, x.matrix, into: x.matrix)
    #expect(x.matrix[0, 0].isNaN)
  }

  @Test func maximaGoToTheFirstStepThatHasThem() {
    // Two sequences of 3 and 1 steps: positions 0 and 1, then 2, then 3.
    let values = Tensor(rows: 4, columns: 2)
    values.matrix.assign([1, 5, -3, .nan, 4, 5, 4, 2])
    let maxima = Tensor(rows: 2, columns: 2)
    let kernels = InstructionSet.baseline.kernels
    kernels.poolMaximum(values.matrix, starts: [0, 2, 3], lengths: [3, 1], into: maxima.matrix)
    #expect(maxima.matrix[0, 0] == 4 && maxima.matrix[0, 1] == 5 && maxima.matrix[1, 0] == -3)
    #expect(maxima.matrix[1, 1].isNaN)
    let gradient = Tensor(rows: 2, columns: 2)
    gradient.matrix.assign([7, 8, 9, 10])
    let result = Tensor(rows: 4, columns: 2)
    kernels.poolMaximumBackward(
      gradient.matrix, values: values.matrix, maxima: maxima.matrix, starts: [0, 2, 3], lengths: [3, 1],
      into: result.matrix)
    #expect(result.matrix.elements == [0, 8, 9, 0, 7, 0, 0, 0])
  }
}

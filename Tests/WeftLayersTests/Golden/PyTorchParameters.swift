import HDF5
import TestSupport

@testable import WeftLayers

/// Weights of PyTorch's recurrent modules, as Weft stores them.
///
/// PyTorch has one row per unit, gates r, z, n (GRU) and two biases; its update gate is 1 − z of Weft's, so that z's
/// rows change sign. Gradients change in the same way, except for the biases, each of which has the gradient of the
/// sum.
struct PyTorchParameters {
  let group: Group
  let kind: CellType
  let hidden: Int

  func values(of parameter: Parameter) throws -> [Float] {
    try convert(parameter, prefix: "", sumsBiases: true)
  }

  func gradient(of parameter: Parameter) throws -> [Float] {
    try convert(parameter, prefix: "grad_", sumsBiases: false)
  }

  /// PyTorch's gate, and its sign, for each of Weft's gates.
  private var gates: [(number: Int, sign: Float)] {
    switch kind {
    case .tanh, .relu: [(0, 1)]
    case .gru, .gruResetAfter: [(1, -1), (0, 1), (2, 1)]
    default: [(0, 1), (1, 1), (2, 1), (3, 1)]
    }
  }

  private func convert(_ parameter: Parameter, prefix: String, sumsBiases: Bool) throws -> [Float] {
    let path = parameter.name.split(separator: "/")
    let suffix = "l\(path[0].dropFirst("layer".count))\(path[1] == "backward" ? "_reverse" : "")"
    func read(_ name: String) throws -> [Float] { try group.floats("\(prefix)\(name)_\(suffix)") }
    switch path[2] {
    case "input_weights": return transposed(try read("weight_ih"), columns: parameter.rows)
    case "recurrent_weights": return transposed(try read("weight_hh"), columns: parameter.rows)
    case "projection_weights":
      let values = try read("weight_hr")
      return (0..<hidden).flatMap { unit in (0..<parameter.columns).map { values[$0 * hidden + unit] } }
    case "recurrent_bias": return Array(try read("bias_hh")[(2 * hidden)...])
    default:
      let input = try read("bias_ih")
      guard sumsBiases else { return transposed(input, columns: 1) }
      let recurrent = try read("bias_hh")
      let sum = input.indices.map { index in
        kind == .gruResetAfter && index >= 2 * hidden ? input[index] : input[index] + recurrent[index]
      }
      return transposed(sum, columns: 1)
    }
  }

  /// From `[gates · hidden, columns]` to `[columns, gates · hidden]`.
  private func transposed(_ values: [Float], columns: Int) -> [Float] {
    (0..<columns).flatMap { column in
      gates.flatMap { gate, sign in
        (0..<hidden).map { unit in sign * values[(gate * hidden + unit) * columns + column] }
      }
    }
  }
}

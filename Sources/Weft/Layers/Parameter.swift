import KernelInterface

/// A named trainable matrix inside the model's one flat array of parameters.
///
/// Gradients, optimizer moments and averages are arrays of the same layout, so that all-reduce and optimizer are
/// sweeps over contiguous slices that know nothing of layers.
package struct Parameter: Sendable, Equatable {
  /// Slash-separated path, as in checkpoints: `layer0/forward/input_weights`.
  package let name: String
  package let rows: Int
  package let columns: Int
  /// Where the first element lies in the flat array, a multiple of 16.
  package let offset: Int
  package let initialization: InitialValues
  /// Whether weight decay applies when only weights decay: true for matrices, false for biases and gains.
  package let isWeight: Bool

  package var count: Int { rows * columns }

  /// This parameter inside a flat array `[1, n]`.
  package func matrix(in flat: Matrix) -> Matrix {
    Matrix(pointer: flat.pointer + offset, rows: rows, columns: columns, stride: columns)
  }
}

/// The list of a model's parameters and their places in the flat array.
package struct ParameterLayout: Sendable, Equatable {
  package private(set) var parameters: [Parameter] = []
  /// Length of the flat array, a multiple of 16.
  package private(set) var count = 0

  package init() {}

  /// Appends a parameter; names are unique.
  package mutating func add(
    _ name: String, rows: Int, columns: Int, initialization: InitialValues, isWeight: Bool
  ) -> Parameter {
    precondition(!parameters.contains { $0.name == name }, "parameter names are unique")
    let parameter = Parameter(
      name: name, rows: rows, columns: columns, offset: count, initialization: initialization,
      isWeight: isWeight)
    parameters.append(parameter)
    count += PackedMatrix.padded(parameter.count)
    return parameter
  }
}

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
  /// Where the first element lies in the flat array, whole vectors from its start.
  package let offset: Int
  package let initialization: InitialValues
  /// Whether weight decay applies when only weights decay: true for matrices, false for biases and gains.
  package let isWeight: Bool

  package var count: Int { rows * columns }
  /// Its place in the flat array, with the elements that pad it.
  package var range: Range<Int> { offset..<offset + VectorWidth.padded(count) }

  /// This parameter inside a flat array `[1, n]`; `at` overrides its own place there.
  package func matrix(in flat: Matrix, at place: Int? = nil) -> Matrix {
    Matrix(pointer: flat.pointer + (place ?? offset), rows: rows, columns: columns, stride: columns)
  }
}

/// The list of a model's parameters and their places in the flat array, and how products with them are computed.
package struct ParameterLayout: Sendable, Equatable {
  /// How the model's matrix products are computed. Parameters, gradients and the optimizer's state are float32 with any.
  package let dotAlgorithm: DotAlgorithm
  package private(set) var parameters: [Parameter] = []
  /// Length of the flat array, whole vectors.
  package private(set) var count = 0
  /// Parameters that get gradients from two places; each place's are folded over the lanes apart, then added.
  package private(set) var secondGradients: [Parameter] = []

  /// Elements that others' gradients are derived from after the all-reduce; they follow all others.
  package private(set) var derivedCount = 0

  /// Length of a flat gradient: gradients that others are derived from and second gradients follow the first ones.
  package var gradientCount: Int {
    secondGradients.reduce(count + derivedCount) { $0 + VectorWidth.padded($1.count) }
  }

  package init(dotAlgorithm: DotAlgorithm = .f32_f32_f32) {
    self.dotAlgorithm = dotAlgorithm
  }

  /// Appends a parameter; names are unique.
  package mutating func add(
    _ name: String, rows: Int, columns: Int, initialization: InitialValues, isWeight: Bool
  ) -> Parameter {
    precondition(!parameters.contains { $0.name == name }, "parameter names are unique")
    let parameter = Parameter(
      name: name, rows: rows, columns: columns, offset: count, initialization: initialization,
      isWeight: isWeight)
    parameters.append(parameter)
    count += VectorWidth.padded(parameter.count)
    return parameter
  }

  /// Makes room for so many elements that gradients are derived from. All parameters must have been added.
  ///
  /// - Returns: Where in a flat gradient they begin.
  package mutating func addDerivedGradient(count elements: Int) -> Int {
    precondition(secondGradients.isEmpty)
    defer { derivedCount += VectorWidth.padded(elements) }
    return count + derivedCount
  }

  /// Makes room for a second gradient of a parameter. All parameters must have been added.
  package mutating func addSecondGradient(of parameter: Parameter) { secondGradients.append(parameter) }

  /// Where in a flat gradient a parameter's second gradient begins.
  package func secondGradientOffset(of parameter: Parameter) -> Int? {
    guard let index = secondGradients.firstIndex(of: parameter) else { return nil }
    return secondGradients[..<index].reduce(count + derivedCount) { $0 + VectorWidth.padded($1.count) }
  }
}

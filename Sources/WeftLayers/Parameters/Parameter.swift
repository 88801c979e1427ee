import KernelInterface

/// A named trainable matrix inside the flat parameter array of a model.
///
/// Gradients, optimizer moments and averages have the same layout, so that all-reduce and optimizer process contiguous
/// slices independently of layers.
package struct Parameter: Sendable, Equatable {
  /// Slash-separated path, as in checkpoints: `layer0/forward/input_weights`.
  package let name: String
  package let rows: Int
  package let columns: Int
  /// Offset of the first element in the flat array, a multiple of the vector width.
  package let offset: Int
  package let initialization: InitialValues
  /// Whether `decay_groups: weights` includes it: true for matrices, false for biases and gains.
  package let isWeight: Bool

  package var count: Int { rows * columns }
  /// Its range in the flat array, including padding.
  package var range: Range<Int> { offset..<offset + VectorWidth.padded(count) }

  /// This parameter inside a flat array `[1, n]`; `place` overrides its offset.
  package func matrix(in flat: Matrix, at place: Int? = nil) -> Matrix {
    Matrix(pointer: flat.pointer + (place ?? offset), rows: rows, columns: columns, stride: columns)
  }
}

/// The parameters of a model, their offsets in the flat array, and the dot algorithm of products with them.
package struct ParameterLayout: Sendable, Equatable {
  /// How the model's matrix products are computed. Parameters, gradients and the optimizer's state are float32 with any.
  package let dotAlgorithm: DotAlgorithm
  package private(set) var parameters: [Parameter] = []
  /// Length of the flat array, whole vectors.
  package private(set) var count = 0
  /// Parameters with gradients from two places in the model; each is reduced over the lanes separately, then they are
  /// added.
  package private(set) var secondGradients: [Parameter] = []

  /// Number of elements from which gradients are derived after the all-reduce; they follow all others.
  package private(set) var derivedCount = 0

  /// Length of a flat gradient: the parameters, followed by second gradients and those for derivation.
  package var gradientCount: Int {
    secondGradients.reduce(count + derivedCount) { $0 + VectorWidth.padded($1.count) }
  }

  package init(dotAlgorithm: DotAlgorithm = .f32_f32_f32) {
    self.dotAlgorithm = dotAlgorithm
  }

  /// Appends a parameter. Names must be unique.
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

  /// Reserves elements from which gradients are derived. All parameters must have been added.
  ///
  /// - Returns: Their offset in a flat gradient.
  package mutating func addDerivedGradient(count elements: Int) -> Int {
    count + reserveDerivedGradient(count: elements)
  }

  /// Reserves elements from which something is derived.
  ///
  /// - Returns: Their offset behind the gradients of all parameters.
  package mutating func reserveDerivedGradient(count elements: Int) -> Int {
    precondition(secondGradients.isEmpty)
    defer { derivedCount += VectorWidth.padded(elements) }
    return derivedCount
  }

  /// Reserves a second gradient of a parameter. All parameters must have been added.
  package mutating func addSecondGradient(of parameter: Parameter) { secondGradients.append(parameter) }

  /// Offset of a parameter's second gradient in a flat gradient.
  package func secondGradientOffset(of parameter: Parameter) -> Int? {
    guard let index = secondGradients.firstIndex(of: parameter) else { return nil }
    return secondGradients[..<index].reduce(count + derivedCount) { $0 + VectorWidth.padded($1.count) }
  }
}

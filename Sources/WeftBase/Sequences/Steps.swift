/// Kind of the steps of a sequence.
package enum StepKind: Sendable, Hashable {
  /// Tokens of a vocabulary of this size.
  case tokens(Int)
  /// Vectors of this many features.
  case features(Int)

  /// Size of the vocabulary, or features per step.
  package var size: Int {
    switch self {
    case .tokens(let count), .features(let count): count
    }
  }
}

extension StepKind: CustomStringConvertible {
  /// For example `3 features`.
  package var description: String {
    switch self {
    case .tokens(let count): "\(count) tokens"
    case .features(let count): "\(count) \(count == 1 ? "feature" : "features")"
    }
  }
}

/// Steps of concatenated sequences, from the reader of a dataset to the layers of a model. Datasets store features as
/// ``FeatureArray``, layers as matrices in a worker's memory.
package enum Steps<Features: Sendable>: Sendable {
  /// One token per step.
  case tokens([Int32])
  /// `[steps, features]`.
  case features(Features)

  /// The tokens; nil for features.
  package var tokens: [Int32]? { if case .tokens(let tokens) = self { tokens } else { nil } }
  /// The features; nil for tokens.
  package var features: Features? { if case .features(let features) = self { features } else { nil } }
}

extension Steps: Equatable where Features: Equatable {}

/// Features of consecutive steps, row-major `[steps, width]`.
package struct FeatureArray: Sendable, Equatable {
  package var values: [Float]
  /// Features per step.
  package let width: Int

  package init(_ values: [Float], width: Int) {
    self.values = values
    self.width = width
  }

  /// Number of steps.
  package var count: Int { width == 0 ? 0 : values.count / width }

  /// The features of a step.
  package subscript(step: Int) -> ArraySlice<Float> { values[step * width..<(step + 1) * width] }

  /// The steps at the given positions, in that order.
  package func gathered(_ places: some Sequence<Int>) -> FeatureArray {
    FeatureArray(places.flatMap { self[$0] }, width: width)
  }
}

extension Steps<FeatureArray> {
  /// Features, row-major `[steps, width]`.
  package static func features(_ values: [Float], width: Int) -> Self {
    .features(FeatureArray(values, width: width))
  }

  /// Number of steps.
  package var count: Int {
    switch self {
    case .tokens(let tokens): tokens.count
    case .features(let features): features.count
    }
  }

  /// Total size in bytes.
  package var byteCount: Int {
    switch self {
    case .tokens(let tokens): tokens.count * MemoryLayout<Int32>.stride
    case .features(let features): features.values.count * MemoryLayout<Float>.stride
    }
  }

  /// The steps at the given positions, in that order.
  package func gathered(_ places: some Sequence<Int>) -> Self {
    switch self {
    case .tokens(let tokens): .tokens(places.map { tokens[$0] })
    case .features(let features): .features(features.gathered(places))
    }
  }

  /// The steps as targets of as many outputs.
  package var targets: Targets<FeatureArray> {
    switch self {
    case .tokens(let tokens): .classes(tokens)
    case .features(let features): .values(features)
    }
  }
}

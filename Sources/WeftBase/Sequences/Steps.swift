/// What a step of a sequence is made of.
package enum StepKind: Sendable, Hashable {
  /// One token out of so many.
  case tokens(Int)
  /// A vector of so many features.
  case features(Int)

  /// Tokens of the vocabulary, or features of a step.
  package var size: Int {
    switch self {
    case .tokens(let count), .features(let count): count
    }
  }
}

extension StepKind: CustomStringConvertible {
  /// Such as `3 features`.
  package var description: String {
    switch self {
    case .tokens(let count): "\(count) tokens"
    case .features(let count): "\(count) \(count == 1 ? "feature" : "features")"
    }
  }
}

/// Steps of sequences, one after the other, from the reader of a dataset to the layers of a model: datasets hold
/// features as ``FeatureArray``, layers as matrices in a worker's memory.
package enum Steps<Features: Sendable>: Sendable {
  /// A token each.
  case tokens([Int32])
  /// `[steps, features]`.
  case features(Features)

  /// The tokens; nil of features.
  package var tokens: [Int32]? { if case .tokens(let tokens) = self { tokens } else { nil } }
  /// The features; nil of tokens.
  package var features: Features? { if case .features(let features) = self { features } else { nil } }
}

extension Steps: Equatable where Features: Equatable {}

/// Features of consecutive steps, row-major `[steps, width]`.
package struct FeatureArray: Sendable, Equatable {
  package var values: [Float]
  /// Features of a step.
  package let width: Int

  package init(_ values: [Float], width: Int) {
    self.values = values
    self.width = width
  }

  /// Number of steps.
  package var count: Int { width == 0 ? 0 : values.count / width }

  /// The features of a step.
  package subscript(step: Int) -> ArraySlice<Float> { values[step * width..<(step + 1) * width] }

  /// The steps at some places, in their order.
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

  /// Bytes of all steps.
  package var byteCount: Int {
    switch self {
    case .tokens(let tokens): tokens.count * MemoryLayout<Int32>.stride
    case .features(let features): features.values.count * MemoryLayout<Float>.stride
    }
  }

  /// The steps at some places, in their order.
  package func gathered(_ places: some Sequence<Int>) -> Self {
    switch self {
    case .tokens(let tokens): .tokens(places.map { tokens[$0] })
    case .features(let features): .features(features.gathered(places))
    }
  }

  /// What they are as targets of as many outputs.
  package var targets: Targets<FeatureArray> {
    switch self {
    case .tokens(let tokens): .classes(tokens)
    case .features(let features): .values(features)
    }
  }
}

import WeftConfiguration

/// A type of loss: its kind of targets, its computation, and the distribution that a model trained with it predicts.
///
/// A new loss is a file with such a value, and an entry in `builtIn`. A program
/// that uses Weft adds losses of its own by ``register(_:)``.
public struct LossType: Sendable {
  /// The name in configurations.
  public let name: String
  /// Kind of targets.
  package let targets: TargetKind
  /// Keys of the configuration section `loss` that it uses, in addition to `kind`.
  package var options: Set<String> = []
  /// Outputs for targets of `classes` classes.
  package var outputsForClasses: @Sendable (Loss, _ classes: Int) -> Int = { _, classes in classes }
  /// Outputs per target value: the parameters of its distribution, in as many blocks.
  package var outputsPerTarget: @Sendable (Loss) -> Int = { _ in 1 }
  /// Computes the loss of every output, and replaces the outputs by their gradients.
  package let evaluate: @Sendable (Loss, LossPass) -> Void
  /// The distribution of one value, from its parameters in the order of the blocks.
  package var distribution: @Sendable (Loss, _ parameters: [Double]) -> PredictedDistribution = {
    _, parameters in
    .point(parameters[0])
  }
  /// Levels of the ends of the reported interval; empty for point predictions.
  package var interval: @Sendable (Loss) -> [Double] = { _ in [] }
  /// Whether predictions have quantiles at all levels.
  package var predictsDistribution = false
  /// Whether targets are counts or amounts, which are not scaled.
  package var wantsCounts: Bool { targets == .values(0...Float.greatestFiniteMagnitude) }

  /// Kind of targets.
  package enum TargetKind: Sendable, Equatable {
    /// One class per output.
    case classes
    /// Values, optionally restricted to a range.
    case values(ClosedRange<Float>? = nil)
    /// Label sequences that are not aligned to the steps.
    case labels
  }
}

extension LossType: CaseIterable, Hashable, RawRepresentable, Codable, ConfigurationChoice {
  /// The losses of Weft itself.
  package static let builtIn: [LossType] = [
    .crossEntropy, .squaredError, .absoluteError, .huber, .binaryCrossEntropy, .ctc, .gaussian, .student,
    .poisson, .negativeBinomial, .tweedie, .quantile,
  ]

  /// All losses: Weft's, and those that the program has registered.
  public static var allCases: [LossType] { builtIn + registered.all }

  /// The name.
  public var rawValue: String { name }

  /// The loss with a name; nil if there is none.
  public init?(rawValue: String) {
    guard let loss = Self.allCases.first(where: { $0.name == rawValue }) else { return nil }
    self = loss
  }

  /// Compares the names.
  public static func == (first: LossType, second: LossType) -> Bool { first.name == second.name }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension LossType: CustomStringConvertible {
  /// The name.
  public var description: String { name }
}

import WeftConfiguration

/// A type of loss as one value: the targets that it is for, how it is computed, and the distribution that a model
/// trained by it predicts.
///
/// A new loss is a file with such a value, and a line in ``allCases``.
public struct LossType: Sendable {
  /// As configurations name it.
  public let name: String
  /// What its targets are.
  package let targets: TargetKind
  /// Keys of the configuration's section `loss` that it reads, beside `kind`.
  package var options: Set<String> = []
  /// Outputs that a model gives for targets of so many classes.
  package var outputsForClasses: @Sendable (Loss, _ classes: Int) -> Int = { _, classes in classes }
  /// Outputs that a model gives for each number of its targets: the parameters of a distribution, in as many blocks.
  package var outputsPerTarget: @Sendable (Loss) -> Int = { _ in 1 }
  /// The loss of every output, and its gradient in place of the output.
  package let evaluate: @Sendable (Loss, LossPass) -> Void
  /// The distribution of one number, from its parameters in the order of their blocks.
  package var distribution: @Sendable (Loss, _ parameters: [Double]) -> PredictedDistribution = {
    _, parameters in
    .point(parameters[0])
  }
  /// Levels of the ends of the interval that is told beside a median; empty where only points are predicted.
  package var interval: @Sendable (Loss) -> [Double] = { _ in [] }
  /// Whether any quantile of a prediction can be told.
  package var predictsDistribution = false

  /// What outputs are compared with.
  package enum TargetKind: Sendable, Equatable {
    /// A class for each output.
    case classes
    /// Numbers, in a range if not any.
    case values(ClosedRange<Float>? = nil)
    /// Labels of a sequence that are not aligned to its steps.
    case labels
  }
}

extension LossType: CaseIterable, Hashable, RawRepresentable, Codable, ConfigurationChoice {
  /// Every loss there is.
  public static let allCases: [LossType] = [
    .crossEntropy, .squaredError, .absoluteError, .binaryCrossEntropy, .temporalClassification, .gaussian,
    .student,
    .quantile,
  ]

  /// The name.
  public var rawValue: String { name }

  /// The loss of a name; nil if there is none.
  public init?(rawValue: String) {
    guard let loss = Self.allCases.first(where: { $0.name == rawValue }) else { return nil }
    self = loss
  }

  /// Losses are equal if their names are.
  public static func == (first: LossType, second: LossType) -> Bool { first.name == second.name }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension LossType: CustomStringConvertible {
  /// The name.
  public var description: String { name }
}

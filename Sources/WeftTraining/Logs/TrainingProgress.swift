import Foundation
import WeftBase
import WeftMetrics

/// Where a training run stands after a step.
public struct TrainingProgress: Equatable, Sendable {
  /// What a sequence is made of, which decides how speed and loss are told.
  public enum Unit: Equatable, Sendable {
    /// Characters of a text.
    case characters
    /// Tokens of another vocabulary.
    case tokens
    /// Measurements.
    case timeSteps
  }

  /// Optimizer steps done.
  public var step: Int
  /// Optimizer steps in all; nil when not known.
  public var totalSteps: Int?
  /// The epoch that the step was in, from 1.
  public var epoch: Int
  /// Epochs in all; nil when not known.
  public var totalEpochs: Int?
  /// Mean training loss since the last report, in nats where it is an entropy.
  public var loss: Double
  /// The latest validation loss; nil before the first.
  public var validationLoss: Double?
  /// The latest value of the metric that decides which checkpoint is the best, where that is not the loss.
  public var validationMetric: MeasuredMetric?
  /// Norm of the gradient before clipping; nil when not computed.
  public var gradientNorm: Double?
  /// The step's learning rate.
  public var learningRate: Double
  /// What a sequence is made of.
  public var unit: Unit
  /// Units trained on a second.
  public var unitsPerSecond: Double
  /// Time left; nil when not known.
  public var remaining: Duration?

  /// Where a run stands; what is left out is not known.
  public init(
    step: Int, totalSteps: Int? = nil, epoch: Int, totalEpochs: Int? = nil, loss: Double,
    validationLoss: Double? = nil, validationMetric: MeasuredMetric? = nil, gradientNorm: Double? = nil,
    learningRate: Double, unit: Unit, unitsPerSecond: Double, remaining: Duration? = nil
  ) {
    self.step = step
    self.totalSteps = totalSteps
    self.epoch = epoch
    self.totalEpochs = totalEpochs
    self.loss = loss
    self.validationLoss = validationLoss
    self.validationMetric = validationMetric
    self.gradientNorm = gradientNorm
    self.learningRate = learningRate
    self.unit = unit
    self.unitsPerSecond = unitsPerSecond
    self.remaining = remaining
  }

  /// The loss in bits a character or token; nil when the sequences are no text.
  public var bitsPerUnit: Double? { unit == .timeSteps ? nil : loss / log(2) }
}

extension TrainingProgress: LineProgress {
  /// The progress in one line of at most `width` columns; what matters least is left out first.
  public func line(width: Int = .max) -> String {
    var fields: [(text: String, weight: Int)] = [
      ("step \(step)" + (totalSteps.map { "/\($0)" } ?? ""), 9),
      ("epoch \(epoch)" + (totalEpochs.map { "/\($0)" } ?? ""), 5),
      ("loss \(NumberText.fixed(loss, decimals: 4))", 8),
    ]
    if let bitsPerUnit {
      fields.append(("\(NumberText.fixed(bitsPerUnit, decimals: 3)) bits/\(name)", 6))
    }
    if let validationLoss {
      fields.append(("validation \(NumberText.fixed(validationLoss, decimals: 4))", 4))
    }
    if let validationMetric {
      let value = NumberText.significant(validationMetric.value, digits: 4)
      fields.append(("\(validationMetric.metric.name) \(value)", 4))
    }
    if let gradientNorm {
      fields.append(("gradient \(NumberText.significant(gradientNorm, digits: 3))", 1))
    }
    fields.append(("rate \(NumberText.significant(learningRate, digits: 3))", 2))
    fields.append(("\(NumberText.abbreviated(unitsPerSecond)) \(name)/s", 3))
    if let remaining { fields.append(("\(NumberText.duration(remaining)) left", 7)) }

    while true {
      let line = fields.map(\.text).joined(separator: "  ")
      if line.utf8.count <= width || fields.count == 1 { return String(line.prefix(width)) }
      let least = fields.indices.min { fields[$0].weight < fields[$1].weight } ?? 0
      fields.remove(at: least)
    }
  }

  private var name: String {
    switch unit {
    case .characters: "char"
    case .tokens: "token"
    case .timeSteps: "step"
    }
  }
}

import Foundation
import WeftBase
import WeftMetrics

/// Progress of a training run after a step.
public struct TrainingProgress: Equatable, Sendable {
  /// Unit of sequences, which determines the units of speed and loss.
  public enum Unit: Equatable, Sendable {
    /// Characters.
    case characters
    /// Other tokens.
    case tokens
    /// Numeric time steps.
    case timeSteps
  }

  /// Completed optimizer steps.
  public var step: Int
  /// Total number of optimizer steps; nil if unknown.
  public var totalSteps: Int?
  /// The epoch of the step, from 1.
  public var epoch: Int
  /// Total number of epochs; nil if unknown.
  public var totalEpochs: Int?
  /// Mean training loss since the last report; in nats for cross-entropies.
  public var loss: Double
  /// The latest validation loss; nil before the first.
  public var validationLoss: Double?
  /// The latest value of the selection metric, if that is not the loss.
  public var validationMetric: MeasuredMetric?
  /// Norm of the gradient before clipping; nil when not computed.
  public var gradientNorm: Double?
  /// The step's learning rate.
  public var learningRate: Double
  /// Unit of sequences.
  public var unit: Unit
  /// Trained units per second.
  public var unitsPerSecond: Double
  /// Remaining time; nil if unknown.
  public var remaining: Duration?

  /// Progress of a run; omitted values are unknown.
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

  /// Loss in bits per character or token; nil if the sequences are not text.
  public var bitsPerUnit: Double? { unit == .timeSteps ? nil : loss / log(2) }
}

extension TrainingProgress {
  /// The progress in one line of at most `width` columns; the least important fields are omitted first.
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
      fields.append(("gradient norm \(NumberText.significant(gradientNorm, digits: 3))", 1))
    }
    fields.append(("learning rate \(NumberText.significant(learningRate, digits: 3))", 2))
    fields.append(("\(NumberText.abbreviated(unitsPerSecond)) \(name)/s", 3))
    if let remaining { fields.append(("\(NumberText.duration(remaining)) left", 7)) }

    while true {
      let line = fields.map(\.text).joined(separator: "  ")
      if line.utf8.count <= width || fields.count == 1 { return String(line.prefix(width)) }
      let leastImportant = fields.indices.min { fields[$0].weight < fields[$1].weight } ?? 0
      fields.remove(at: leastImportant)
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

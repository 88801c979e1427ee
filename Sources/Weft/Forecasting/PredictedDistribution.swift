import Foundation
import KernelInterface

/// What a model says of one number that it forecasts, in the units that it was trained in.
enum PredictedDistribution: Sendable, Equatable {
  /// The number itself.
  case point(Double)
  case gaussian(mean: Double, deviation: Double)
  case student(location: Double, scale: Double, freedom: Double)
  /// Values at levels, both ascending.
  case quantiles(levels: [Double], values: [Double])

  /// The distributions of an output's numbers.
  ///
  /// - Parameters:
  ///   - outputs: Blocks of as many numbers as there are targets, one block for each parameter.
  static func all(_ outputs: [Float], loss: Loss) -> [PredictedDistribution] {
    let blocks = loss.outputsPerTarget
    let width = outputs.count / blocks
    return (0..<width).map { target in
      let parameters = (0..<blocks).map { Double(outputs[$0 * width + target]) }
      switch loss.kind {
      case .gaussian: return .gaussian(mean: parameters[0], deviation: standardDeviation(parameters[1]))
      case .student:
        return .student(
          location: parameters[0], scale: standardDeviation(parameters[1]),
          freedom: degreesOfFreedom(parameters[2]))
      case .quantile:
        // Levels are learned apart and may cross.
        return .quantiles(levels: loss.quantiles.map { Double($0) }, values: parameters.sorted())
      default: return .point(parameters[0])
      }
    }
  }

  /// The median.
  var median: Double {
    switch self {
    case .point(let value): value
    case .gaussian(let mean, _): mean
    case .student(let location, _, _): location
    case .quantiles: quantile(0.5)
    }
  }

  /// The number that is exceeded with a probability of 1 − `level`. Between quantiles it is interpolated, beyond them
  /// it is the last one.
  func quantile(_ level: Double) -> Double {
    switch self {
    case .point(let value): return value
    case .gaussian(let mean, let deviation): return mean + deviation * QuantileFunction.normal(level)
    case .student(let location, let scale, let freedom):
      return location + scale * QuantileFunction.student(level, freedom: freedom)
    case .quantiles(let levels, let values):
      guard let upper = levels.firstIndex(where: { $0 >= level }) else { return values[values.count - 1] }
      if upper == 0 { return values[0] }
      let share = (level - levels[upper - 1]) / (levels[upper] - levels[upper - 1])
      return values[upper - 1] + share * (values[upper] - values[upper - 1])
    }
  }

  /// How surprising a number is: −ln of its density where there is one, else its distance from the median.
  func surprise(_ value: Double) -> Double {
    switch self {
    case .gaussian(let mean, let deviation):
      let z = (value - mean) / deviation
      return 0.5 * z * z + log(deviation) + 0.5 * log(2 * .pi)
    case .student(let location, let scale, let freedom):
      let z = (value - location) / scale
      return lgamma(freedom / 2) - lgamma((freedom + 1) / 2) + 0.5 * log(freedom * .pi) + log(scale)
        + 0.5 * (freedom + 1) * log1p(z * z / freedom)
    default: return abs(value - median)
    }
  }

  private static func standardDeviation(_ raw: Double) -> Double {
    softplus(raw) + DistributionParameters.minimumStandardDeviation
  }

  private static func degreesOfFreedom(_ raw: Double) -> Double {
    softplus(raw) + DistributionParameters.minimumDegreesOfFreedom
  }

  private static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
}

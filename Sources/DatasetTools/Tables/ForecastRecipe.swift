import Foundation

/// A configuration to forecast the series of a table with, chosen by how they look.
public struct ForecastRecipe {
  /// The dataset, relative to the configuration.
  private let dataset: String
  private let horizon: Int
  private let hasCovariates: Bool
  private let arePositive: Bool
  private let context: Int

  /// - Parameters:
  ///   - dataset: The path of the dataset, as the configuration names it.
  ///   - table: The table.
  ///   - horizon: Steps to forecast.
  ///   - summary: What the conversion found.
  public init(dataset: String, table: TableDataset, horizon: Int, summary: ConversionSummary) {
    self.dataset = dataset
    self.horizon = horizon
    hasCovariates = !table.covariates.isEmpty
    arePositive = (summary.minimum ?? 0) > 0
    // Two seasons tell what changes from one to the next.
    context = 2 * max(horizon, summary.secondsPerStep.flatMap(Self.season) ?? 1)
  }

  /// Steps per season that series with such steps usually have.
  private static func season(secondsPerStep: Double) -> Int? {
    let (hour, day) = (3600.0, 86_400.0)
    switch secondsPerStep {
    case 1..<hour: return Int(day / secondsPerStep)
    case hour..<day: return Int((day / secondsPerStep).rounded())
    case day: return 7
    case 7 * day: return 52
    case 28 * day...31 * day: return 12
    case 89 * day...92 * day: return 4
    default: return nil
    }
  }

  /// The configuration as YAML.
  public var yaml: String {
    """
    # Forecasts of \(horizon) steps from the \(context) before them.
    data:
      file: \(dataset)
      context: \(context)
      horizon: \(horizon)
      evaluation_stride: 1
    \(hasCovariates ? "  covariates: [covariates]\n" : "")  standardize: true
      # Changes since the last value, which are alike for series of any level.
      relative_to: last
    \(arePositive ? "  ratios: true\n" : "")
    model:
      cell: gru
      hidden: 32
      output: last-step

    loss:
      kind: absolute-error

    optimizer:
      learning_rate: 0.001

    training:
      batch: 32
      steps: 3000
      evaluate_every: 100
      early_stopping_patience: 10
      clip_norm: 1
      average_decay: 0.99

    """
  }
}

extension ConfigurationRecipe {
  /// A configuration to forecast the series of a table with, by what its conversion found.
  ///
  /// - Parameters:
  ///   - table: The table.
  ///   - path: The dataset, as the configuration names it.
  ///   - horizon: Steps to forecast.
  ///   - summary: What the conversion found.
  ///   - facts: What the file contains; nil if it has no training split.
  public static func forecasting(
    _ table: TableDataset, path: String, horizon: Int, summary: ConversionSummary, facts: DatasetFacts?
  ) -> ConfigurationRecipe {
    let season = summary.season
    return forecasting(
      Series(
        horizon: horizon, season: season,
        hasCovariates: !table.covariates.isEmpty, hasStatics: !table.statics.isEmpty,
        categories: (facts?.categories ?? []) + (facts?.sample.categories ?? []),
        targets: table.targets.isEmpty ? [] : facts?.targetNames ?? [],
        arePositive: (summary.minimum ?? 0) > 0,
        hasMissing: facts.map { $0.sample.hasMissingInputs || $0.sample.hasMissingTargets } ?? false,
        mostContext: summary.longestTraining.map { Swift.max($0 - horizon, 1) },
        steps: summary.steps, lengths: summary.lengths,
        hasStrongSeason: facts?.sample.hasStrongSeason(of: season) ?? false,
        isPeriodic: facts?.sample.isPeriodic(of: season) ?? false,
        areMostlyZero: facts?.sample.areMostlyZero ?? false), path)
  }
}

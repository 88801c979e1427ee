extension Metric {
  /// Mean loss per target.
  public static let loss = Metric("loss", higherIsBetter: false)
  /// Share of the targets whose class is the most probable.
  public static let accuracy = Metric("accuracy", higherIsBetter: true)
  /// Unweighted mean of the F1 of all classes, or of the positive targets of all labels.
  public static let macroF1 = Metric("macro_f1", higherIsBetter: true)
  /// Unweighted mean of the precision of all classes, or of all labels.
  public static let macroPrecision = Metric("macro_precision", higherIsBetter: true)
  /// Unweighted mean of the recall of all classes, or of all labels.
  public static let macroRecall = Metric("macro_recall", higherIsBetter: true)
  /// Area under the receiver operating characteristic, of the second of two classes or as the mean over labels.
  public static let rocArea = Metric("roc_auc", higherIsBetter: true)
  /// Average precision: the area under the precision–recall curve, likewise.
  public static let prArea = Metric("pr_auc", higherIsBetter: true)
  /// Root mean squared error, in the units of the data.
  public static let rootMeanSquaredError = Metric("rmse", higherIsBetter: false)
  /// Coefficient of determination, as the mean over targets.
  public static let determination = Metric("r2", higherIsBetter: true)
  /// Continuous ranked probability score, in the units of the data.
  public static let rankedProbabilityScore = Metric("crps", higherIsBetter: false)
  /// Symmetric mean absolute percentage error, 0 to 200.
  public static let symmetricPercentageError = Metric("smape", higherIsBetter: false)
  /// Mean absolute scaled error, with the seasonal naive error in each window's context as its scale.
  public static let scaledError = Metric("mase", higherIsBetter: false)
  /// Mean absolute error, in the units of the series.
  public static let meanAbsoluteError = Metric("mae", higherIsBetter: false)
  /// Share of the ground-truth values between the outer quantiles, or in the central 80% of a distribution. Values near
  /// the nominal share are best; as selection metric, larger values are better.
  public static let coverage = Metric("coverage", higherIsBetter: true)
  /// BLEU, 0 to 100.
  public static let bleu = Metric("bleu", higherIsBetter: true)
  /// Share of the sequences that are equal to the reference.
  public static let exact = Metric("exact", higherIsBetter: true)
  /// Label error rate: edits divided by the number of reference labels; for characters, the character error rate.
  public static let labelErrorRate = Metric("label_error_rate", higherIsBetter: false)

  /// All metrics.
  package static let all: [Metric] = [
    .loss, .accuracy, .macroF1, .macroPrecision, .macroRecall, .rocArea, .prArea, .rootMeanSquaredError,
    .determination, .rankedProbabilityScore, .symmetricPercentageError, .scaledError,
    .meanAbsoluteError, .coverage, .bleu, .exact, .labelErrorRate,
  ]

  /// Whether larger values of a metric in a log are better, which may be that of one target, as `r2_NAME`.
  package static func higherIsBetter(named name: String) -> Bool {
    let known = all.filter { name == $0.name || name.hasPrefix("\($0.name)_") }
    return known.max { $0.name.count < $1.name.count }?.higherIsBetter ?? false
  }
}

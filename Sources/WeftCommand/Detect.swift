import ArgumentParser
import DatasetTools
import Foundation
import WeftBase
import WeftMetrics
import WeftModels
import WeftPlots
import WeftTasks

/// Detects anomalies in a series.
struct Detect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Detect anomalies in a series.",
    discussion: """
      The score of a step is its negative log-density under a model that forecasts it from the preceding steps, or \
      its reconstruction error by an autoencoder. Steps that score above a threshold computed from clean data are \
      anomalies. If the split contains `labels`, the result is compared with them and with a moving z-score.

      Example:
        weft detect runs/sensor readings.h5 --plot anomalies.svg
      """)

  @OptionGroup var trained: TrainedRun

  @Argument(
    help: ArgumentHelp("An HDF5 file. (default: the dataset of the run)", valueName: "file"),
    completion: .file())
  var file: String?

  @Option(
    help: "The split to search: train, validation, test or another group. (default: test, or the only one)")
  var split: String?

  @Option(help: "The split without anomalies that determines the threshold.")
  var clean = "validation"

  @Option(
    help: ArgumentHelp(
      "Threshold in median absolute deviations above the median of the clean scores.",
      valueName: "number"))
  var deviations = 10.0

  @Option(
    help: ArgumentHelp(
      "Use this quantile of the clean scores as the threshold instead.", valueName: "share"))
  var quantile: Double?

  @Option(
    help: ArgumentHelp("Average scores, including z-scores, over this many steps.", valueName: "n"))
  var smoothing = 1

  @Option(help: ArgumentHelp("Window length of the moving z-score, in steps.", valueName: "n"))
  var window = 100

  @Option(
    help: ArgumentHelp("Plot series, scores and anomalies as SVG.", valueName: "file"), completion: .file())
  var plot: String?

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Print JSON instead of text.")
  var json = false

  func validate() throws {
    if let quantile, !(0...1).contains(quantile) {
      throw WeftError.usage("--quantile must be between 0 and 1, not \(quantile)")
    }
    if smoothing < 1 { throw WeftError.usage("--smoothing must be at least 1, not \(smoothing)") }
    if window < 2 { throw WeftError.usage("--window must be at least 2, not \(window)") }
  }

  func run() throws {
    let model = try trained.model(threads: threads.count)
    let names = model.configuration.data.split
    let progress = ProgressReporter()
    defer { progress.finish() }
    let group = try model.group(named: split, of: file)
    let found = try model.detect(
      split: group, file: file, cleanSplit: names.group(named: clean),
      threshold: quantile.map { .quantile($0) } ?? .medianDeviations(deviations), smoothing: smoothing
    ) { split, done, total in
      progress.update("scoring \(split)", done: done, total: total, unit: "steps")
    }
    progress.finish()
    let report = DetectionReport(found, window: window, smoothing: smoothing)
    if let plot { try report.plot(of: found, by: model.path).write(to: plot) }
    printText(json ? try report.json : report.text, terminator: "")
    model.dataNotes(split: group, file: file).forEach(printNote)
  }
}

/// The report of an anomaly detection.
struct DetectionReport: Report {
  /// A run of anomalous steps.
  struct Span: Encodable {
    let first: Int
    let last: Int
    let maxScore: Double
    /// The times of both; nil without times.
    var firstTime: String?
    var lastTime: String?
  }

  /// Agreement of scores and labels.
  struct Quality: Encodable {
    let areaUnderCurve: Double
    let bestF1: Double
    let precision: Double
    let recall: Double

    init(_ metrics: DetectionMetrics) {
      areaUnderCurve = metrics.areaUnderCurve
      bestF1 = metrics.bestF1
      precision = metrics.precision
      recall = metrics.recall
    }

    var text: String {
      String(
        format: "ROC-AUC %.4f  best F1 %.4f (precision %.4f, recall %.4f)", areaUnderCurve, bestF1, precision,
        recall)
    }
  }

  let threshold: Double
  let spans: [Span]
  let model: Quality?
  let movingZScore: Quality?

  init(_ found: DetectedAnomalies, window: Int, smoothing: Int) {
    threshold = found.threshold
    spans = found.spans.enumerated().map { number, span in
      let scores = found.scores[span.lowerBound - found.first..<span.upperBound - found.first]
      let times = found.spanTimes.indices.contains(number) ? found.spanTimes[number] : nil
      return Span(
        first: span.lowerBound, last: span.upperBound - 1, maxScore: scores.max() ?? .nan,
        firstTime: times?.first, lastTime: times?.last)
    }
    guard let labels = found.labels, labels.count == found.scores.count, labels.contains(true),
      labels.contains(false)
    else {
      (model, movingZScore) = (nil, nil)
      return
    }
    model = Quality(DetectionMetrics(scores: found.scores, labels: labels))
    let scores = MovingMean(window: smoothing).values(MovingZScore(window: window).scores(found.series))
    movingZScore = Quality(DetectionMetrics(scores: scores, labels: labels))
  }

  var text: String {
    let haveTimes = spans.contains { $0.firstTime != nil }
    let rows = spans.map { span in
      ["\(span.first)", "\(span.last)"] + (haveTimes ? [span.firstTime ?? "", span.lastTime ?? ""] : [])
        + [String(format: "%.4g", span.maxScore)]
    }
    let heading = ["first", "last"] + (haveTimes ? ["from", "to"] : []) + ["score"]
    var lines = spans.isEmpty ? ["no anomalies"] : table([heading] + rows)
    let count = spans.count == 1 ? "1 anomaly" : "\(spans.count) anomalies"
    lines.append(String(format: "%@ above %.4g", count, threshold))
    if let model { lines.append("model           \(model.text)") }
    if let movingZScore { lines.append("moving z-score  \(movingZScore.text)") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The series with detected and labeled anomalies, above the scores.
  func plot(of found: DetectedAnomalies, by run: String) -> SeriesPlot {
    var series = SeriesPlot.Panel("series")
    series.marks = [SeriesPlot.Marks("found", spans: found.spans)]
    if let labels = found.labels {
      let spans = labels.indices.filter { labels[$0] }.map { found.first + $0..<found.first + $0 + 1 }
      series.marks.append(SeriesPlot.Marks("labeled", spans: merged(spans)))
    }
    series.lines = (0..<min(found.series.first?.count ?? 0, 3)).map { number in
      SeriesPlot.Line("series \(number)", first: found.first, values: found.series.map { $0[number] })
    }
    var scores = SeriesPlot.Panel("score")
    scores.lines = [SeriesPlot.Line("score", first: found.first, values: found.scores)]
    scores.level = ("threshold", found.threshold)
    return SeriesPlot(title: "Anomalies", subtitle: "by \(run)", panels: [series, scores])
  }

  /// The plot around the first labeled anomaly or, without labels, around the maximum score; nil if the series is not
  /// much longer.
  func closeUp(of found: DetectedAnomalies, by run: String) -> SeriesPlot? {
    let center =
      found.labels?.firstIndex(of: true)
      ?? found.scores.indices.max { found.scores[$0] < found.scores[$1] } ?? 0
    let reach = 100
    guard found.scores.count > 6 * reach else { return nil }
    let shown = found.first + center - reach..<found.first + center + reach
    var plot = plot(of: found, by: run).clipped(to: shown)
    plot.title =
      found.labels?.contains(true) == true ? "Around the first labeled anomaly" : "Around the maximum score"
    return plot
  }

  private func merged(_ spans: [Range<Int>]) -> [Range<Int>] {
    spans.reduce(into: []) { merged, span in
      if let last = merged.last, last.upperBound == span.lowerBound {
        merged[merged.count - 1] = last.lowerBound..<span.upperBound
      } else {
        merged.append(span)
      }
    }
  }
}

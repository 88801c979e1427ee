import ArgumentParser
import Foundation
import WeftBase
import WeftMetrics
import WeftModels
import WeftPlots
import WeftTasks

/// Finds the anomalies of a series.
struct Detect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find the anomalies of a series.",
    discussion: """
      Each step is scored by how much it surprises a model that forecasts it from those before, or by how far it is from
      what an autoencoder makes of it. What scores more than almost all of the clean data is an anomaly. Where the split
      holds `labels`, what was found is compared with them, and with a moving z-score.

      Example:
        weft detect runs/sensor readings.h5 --plot anomalies.svg
      """)

  @OptionGroup var trained: TrainedRun

  @Argument(
    help: ArgumentHelp("An HDF5 file. Left out: the data that the model was trained on.", valueName: "file"),
    completion: .file())
  var file: String?

  @Option(help: "The group of the file that holds the series: train, validation, test or another.")
  var split = "test"

  @Option(help: "The group without anomalies, of the data trained on, that the threshold is found from.")
  var clean = "validation"

  @Option(
    help: ArgumentHelp(
      "Median absolute deviations above the median of the clean scores that are too many.",
      valueName: "number"))
  var deviations = 10.0

  @Option(
    help: ArgumentHelp(
      "Take this quantile of the clean scores for the threshold instead.", valueName: "share"))
  var quantile: Double?

  @Option(
    help: ArgumentHelp("Steps around each that scores are averaged over, also z-scores.", valueName: "n"))
  var smoothing = 1

  @Option(help: ArgumentHelp("Steps that the moving z-score looks back.", valueName: "n"))
  var window = 100

  @Option(
    help: ArgumentHelp("Draw series, scores and anomalies as SVG.", valueName: "file"), completion: .file())
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
    let found = try model.detect(
      split: names.group(named: split), file: file, cleanSplit: names.group(named: clean),
      threshold: quantile.map { .quantile($0) } ?? .medianDeviations(deviations), smoothing: smoothing)
    let report = DetectionReport(found, window: window, smoothing: smoothing)
    if let plot { try report.plot(of: found, by: model.path).write(to: plot) }
    print(json ? try report.json : report.text, terminator: "")
  }
}

/// What a search for anomalies tells.
struct DetectionReport: Report {
  /// A run of anomalous steps.
  struct Span: Encodable {
    let first: Int
    let last: Int
    let greatestScore: Double
  }

  /// How well scores agree with labels.
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
    spans = found.spans.map { span in
      let scores = found.scores[span.lowerBound - found.first..<span.upperBound - found.first]
      return Span(first: span.lowerBound, last: span.upperBound - 1, greatestScore: scores.max() ?? .nan)
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
    let rows = spans.map { span in
      ["\(span.first)", "\(span.last)", String(format: "%.4g", span.greatestScore)]
    }
    var lines = spans.isEmpty ? ["no anomalies"] : table([["first", "last", "score"]] + rows)
    lines.append(String(format: "%d anomalies above %.4g", spans.count, threshold))
    if let model { lines.append("model           \(model.text)") }
    if let movingZScore { lines.append("moving z-score  \(movingZScore.text)") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The series with what was found and what was labelled, above the scores.
  func plot(of found: DetectedAnomalies, by run: String) -> SeriesPlot {
    var series = SeriesPlot.Panel("series")
    series.marks = [SeriesPlot.Marks("found", spans: found.spans)]
    if let labels = found.labels {
      let spans = labels.indices.filter { labels[$0] }.map { found.first + $0..<found.first + $0 + 1 }
      series.marks.append(SeriesPlot.Marks("labelled", spans: merged(spans)))
    }
    series.lines = (0..<min(found.series.first?.count ?? 0, 3)).map { number in
      SeriesPlot.Line("series \(number)", first: found.first, values: found.series.map { $0[number] })
    }
    var scores = SeriesPlot.Panel("score")
    scores.lines = [SeriesPlot.Line("score", first: found.first, values: found.scores)]
    scores.level = ("threshold", found.threshold)
    return SeriesPlot(title: "Anomalies", subtitle: "by \(run)", panels: [series, scores])
  }

  /// The plot around what is labelled first or, without labels, around the greatest score; nil where the series is
  /// hardly longer.
  func closeUp(of found: DetectedAnomalies, by run: String) -> SeriesPlot? {
    let center =
      found.labels?.firstIndex(of: true)
      ?? found.scores.indices.max { found.scores[$0] < found.scores[$1] } ?? 0
    let reach = 100
    guard found.scores.count > 6 * reach else { return nil }
    let shown = found.first + center - reach..<found.first + center + reach
    var plot = plot(of: found, by: run).clipped(to: shown)
    plot.title =
      found.labels?.contains(true) == true ? "Around the first labelled anomaly" : "Around the greatest score"
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

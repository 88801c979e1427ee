import DatasetTools
import Foundation
import Media
import Weft
import WeftData
import WeftMetrics
import WeftModels
import WeftPlots
import WeftTasks
import WeftTraining

/// Samples of a run's best model for a page: texts, images and tables, depending on the task.
struct RunSamples {
  let model: TrainedModel
  /// The split shown: test, or validation if there is none.
  let split: String
  let dataset: DatasetFile

  /// Samples of a run. If some are unavailable, for example without the data, a note takes their place.
  static func samples(of run: String, threads: Int?) -> [RunPage.Sample] {
    do {
      let samples = try RunSamples(run, threads: threads)
      return try samples.all()
    } catch {
      let reason = CommandFailure(error).line ?? "\(error)"
      return [.note("No samples: \(reason)")]
    }
  }

  private init(_ run: String, threads: Int?) throws {
    model = try TrainedModel(run, threads: threads)
    let names = model.configuration.data.split
    let whole = try DatasetFile(
      model.configuration, scaling: model.traits.scaling, categories: model.task.shape.categories)
    split = whole.contains(split: names.test) ? names.test : names.validation
    dataset = try model.openDataset(split: split, file: nil)
  }

  /// All samples that the task supports.
  private func all() throws -> [RunPage.Sample] {
    var samples: [RunPage.Sample] = []
    if model.task.languageModel != nil { samples += try texts() }
    if let writer = model.task.writer {
      samples += writer.readsText ? try translations(hasAttention: writer.hasAttention) : try captions()
    }
    if let transcriber = model.task.transcriber { samples += try alignments(transcriber) }
    samples += try analysis()
    if model.task.forecaster != nil { samples += try forecasts() }
    if model.task.anomalyScorer != nil { samples += try anomalies() }
    return samples
  }

  private var firstBatch: Minibatch {
    get throws { try dataset.batches(split: split, shuffles: false).batch(epoch: 0, index: 0) }
  }

  /// Texts of the first minibatch's rows, including words outside the vocabulary; nil if the dataset has none.
  private func firstTexts() throws -> [String]? {
    let numbers = try dataset.batches(split: split, shuffles: false).sequences(epoch: 0, index: 0)
    guard let texts = try dataset.texts(split: split), let numbers, numbers.allSatisfy(texts.indices.contains)
    else { return nil }
    return numbers.map { texts[$0] }
  }

  // MARK: Text

  private func texts() throws -> [RunPage.Sample] {
    try model.task.samples(from: nil, length: 600, count: 1, on: model.executor).map {
      .text(title: "Unprompted text, temperature 0.8", text: $0.written)
    }
  }

  private func translations(hasAttention: Bool) throws -> [RunPage.Sample] {
    let batch = try firstBatch
    guard let targets = model.vocabularies.ofTargets else { return [] }
    let rows = Self.spread(batch.rows, count: 6)
    let sources = rows.compactMap { batch.text(ofRow: $0, vocabulary: model.vocabulary) }
    let translations = try model.translate(sources, wantsAttention: hasAttention)
    let table = zip(rows, zip(sources, translations)).map { row, pair in
      [pair.0, targets.decode(batch.targetTokens(ofRow: row)), pair.1.text]
    }
    // The map of the shortest one is the most readable.
    let mapped = translations.filter { !$0.attention.isEmpty && $0.source.count > 3 }
      .min { $0.source.count < $1.source.count }
    return [.table(title: "Split '\(split)'", rows: [["source", "reference", "output"]] + table)]
      + (mapped.map { [.pictures(title: "Attention", html: Self.image(AlignmentMap($0)))] } ?? [])
  }

  // MARK: Audio and images

  private func alignments(_ transcriber: WeftTasks.Transcriber) throws -> [RunPage.Sample] {
    let batch = try firstBatch
    guard case .features(let features) = batch.inputs, let targets = model.vocabularies.ofTargets else {
      return []
    }
    let logProbabilities = transcriber.logProbabilities(batch, on: model.executor)
    let texts = try firstTexts()
    return Self.spread(batch.rows, count: 2).map { row in
      let steps = batch.offsets[row]..<batch.offsets[row + 1]
      let spectrum = steps.map { step in
        features[step].enumerated().map { band, value in
          let value = Double(value)
          return model.traits.scaling.inputs?.restored(value, feature: band) ?? value
        }
      }
      var marks: [PageFigure.Mark] = []
      var previous = transcriber.blank
      for (step, classes) in logProbabilities[row].enumerated() {
        let best = classes.indices.reduce(0) { classes[$1] > classes[$0] ? $1 : $0 }
        if best != transcriber.blank, best != previous {
          marks.append(
            PageFigure.Mark(column: step, text: targets.tokens[best] == " " ? "␣" : targets.tokens[best]))
        }
        previous = best
      }
      let written = targets.decode(
        AlignmentDecoder(blank: transcriber.blank).greedy(logProbabilities[row]).labels)
      let reference = texts?[row] ?? targets.decode(batch.targetTokens(ofRow: row))
      return .figure(
        PageFigure(
          map: "Output “\(written)”, reference “\(reference)”", x: "frame", y: "band",
          columns: steps.indices.map { "\($0 - steps.lowerBound)" },
          rows: (0..<features.width).map { "\($0)" },
          values: spectrum, marks: marks))
    }
  }

  private func captions() throws -> [RunPage.Sample] {
    let batch = try firstBatch
    guard case .features(let steps) = batch.inputs, let targets = model.vocabularies.ofTargets else {
      return []
    }
    let width = steps.width
    let grid = try Preparation(of: model).patches
    let rows = Self.spread(batch.rows, count: 8)
    let features = rows.map { row in
      Array(steps.values[batch.offsets[row] * width..<batch.offsets[row + 1] * width])
    }
    let written = try model.describe(features, width: width).map { $0.text.isEmpty ? "(empty)" : $0.text }
    let texts = try firstTexts()
    let references = rows.map { texts?[$0] ?? targets.decode(batch.targetTokens(ofRow: $0)) }
    guard let grid, grid.featureCount == width, features.allSatisfy({ $0.count == grid.patchCount * width })
    else {
      return [
        .table(
          title: "Split '\(split)'",
          rows: [["reference", "output"]] + zip(references, written).map { [$0, $1] })
      ]
    }
    let pictures = try zip(features, zip(references, written)).map { features, texts in
      let (reference, caption) = texts
      let restored = features.enumerated().map { place, value in
        Float(model.traits.scaling.inputs?.restored(Double(value), feature: place % width) ?? Double(value))
      }
      let image = HTML.image(
        Data(try grid.image(of: restored).png()), type: "image/png", alternative: reference)
      return "<figure>\(image)<figcaption><span>\(HTML.escaped(caption))<br><span class=\"note\">reference: "
        + "\(HTML.escaped(reference))</span></span></figcaption></figure>"
    }
    return [.pictures(title: "Captions, split '\(split)'", html: pictures.joined())]
  }

  // MARK: Series

  private func forecasts() throws -> [RunPage.Sample] {
    // Origins with a ground truth over the full horizon; the end of the split if it is too short.
    let origins: [Int?] = try model.forecastOrigins(split: split, count: 2)
    let pictures = try (origins.isEmpty ? [nil] : origins).map { origin in
      Self.image(ForecastReport(try model.forecast(split: split, origin: origin)).plot(of: model.path))
    }
    return [.pictures(title: "Forecasts, split '\(split)'", html: pictures.joined())]
  }

  /// Anomalies, for models that support detection; for forecasting models only if the split has labels.
  private func anomalies() throws -> [RunPage.Sample] {
    let isLabelled = try dataset.labels(split: split) != nil
    if model.task.forecaster != nil, !isLabelled { return [] }
    let found: DetectedAnomalies
    do {
      found = try model.detect(
        split: split, cleanSplit: model.configuration.data.split.validation, threshold: .medianDeviations(10))
    } catch {
      // Sequences and tokens are not supported.
      if isLabelled { throw error }
      return []
    }
    let report = DetectionReport(found, window: 100, smoothing: 1)
    let plots =
      [report.plot(of: found, by: model.path)]
      + (report.closeUp(of: found, by: model.path).map { [$0] } ?? [])
    return [
      .pictures(title: "Anomalies, split '\(split)'", html: plots.map(Self.image).joined()),
      .text(title: "Detected anomalies", text: Self.shortened(report.text)),
    ]
  }

  // MARK: -

  /// The first and last lines of a long text.
  private static func shortened(_ text: String) -> String {
    let lines = text.split(separator: "\n")
    return (lines.count > 30 ? lines.prefix(20) + ["…"] + lines.suffix(4) : lines[...]).joined(
      separator: "\n")
  }

  /// Evenly spaced row numbers.
  private static func spread(_ rows: Int, count: Int) -> [Int] {
    let count = min(rows, count)
    return (0..<count).map { $0 * rows / count }
  }

  private static func image(_ plot: SeriesPlot) -> String {
    HTML.image(Data(plot.svg.utf8), type: "image/svg+xml", alternative: "\(plot.title): \(plot.subtitle)")
  }

  private static func image(_ map: AlignmentMap) -> String {
    HTML.image(
      Data(map.svg.utf8), type: "image/svg+xml",
      alternative:
        "Attention of \(map.target.joined(separator: " ")) over \(map.source.joined(separator: " "))"
    )
  }
}

import DatasetTools
import WeftBase
import WeftData
import WeftMetrics
import WeftTasks
import WeftTraining

extension RunSamples {
  /// Predictions of the whole split against the ground truth, and the examples with the largest loss; none for models
  /// without such predictions or data without targets.
  func analysis() throws -> [RunPage.Sample] {
    if model.task.languageModel != nil { return try passages() }
    if model.task.writer != nil || model.task.transcriber != nil { return try writtenTexts() }
    guard let predictor = model.task.predictor(.predictions, model.configuration),
      PredictionAnalysis(try predictor.table(dataset, split: split)).isPossible
    else { return [] }
    let progress = ProgressReporter()
    var analysis: PredictionAnalysis?
    var names: [String] = []
    try model.predict(
      .predictions, split: split,
      begin: { table throws(WeftError) in
        analysis = PredictionAnalysis(table)
        names = table.names
      },
      onRows: { rows, done, total throws(WeftError) in
        if done == 1 { progress.begin("predicting \(split)", total: total, unit: "minibatches") }
        progress.advance()
        analysis?.add(rows)
      })
    progress.finish()
    guard let analysis, analysis.isPossible else { return [] }
    var samples = analysis.samples(split: split)
    if !analysis.hardest.isEmpty {
      let texts = try self.texts(of: Set(analysis.hardest.compactMap(\.place.first)))
      samples.append(
        .table(
          title: "Hardest examples, split '\(split)'",
          rows: analysis.hardestTable(names: names) { texts[$0] }))
    }
    return samples
  }

  /// The texts of some sequences of tokens, by their number; none for numeric inputs.
  private func texts(of numbers: Set<Int>) throws -> [Int: String] {
    guard let vocabulary = model.vocabulary else { return [:] }
    var texts: [Int: String] = [:]
    let source = try dataset.batches(split: split, shuffles: false)
    for index in 0..<source.batchesPerEpoch where texts.count < numbers.count {
      guard let rows = source.sequences(epoch: 0, index: index) else { return [:] }
      guard rows.contains(where: numbers.contains) else { continue }
      let batch = try source.batch(epoch: 0, index: index)
      for (row, number) in rows.enumerated() where numbers.contains(number) {
        texts[number] = batch.text(ofRow: row, vocabulary: vocabulary)
      }
    }
    return texts
  }

  // MARK: Text

  private static let (tokenCount, passageLength, passageCount) = (20_000, 40, 8)

  /// The passages of the beginning of the split that a language model expects least.
  private func passages() throws -> [RunPage.Sample] {
    guard let language = model.task.languageModel else { return [] }
    let opened = try dataset.openSplit(split)
    guard case .stream(let steps) = opened.layout else { return [] }
    let count = min(steps, Self.tokenCount)
    guard count > Self.passageLength, let tokens = try opened.inputs.read([0..<count]).tokens else {
      return []
    }
    var stream = language.makeScoredStream()
    let surprises = language.logProbabilities(of: tokens, in: &stream, on: model.executor).map {
      -$0 / 0.693147
    }
    let passages = stride(from: 0, through: count - Self.passageLength, by: Self.passageLength).map { first in
      (
        first: first,
        bits: surprises[first..<first + Self.passageLength].reduce(0, +) / Double(Self.passageLength)
      )
    }
    let hardest = passages.sorted { $0.bits > $1.bits }.prefix(Self.passageCount)
    let rows = hardest.map { passage -> [String] in
      let places = passage.first..<passage.first + Self.passageLength
      let worst = places.max { surprises[$0] < surprises[$1] } ?? passage.first
      return [
        "\(passage.first)", NumberText.significant(passage.bits, digits: 3),
        language.vocabulary.decode(Array(tokens[places])),
        "\(language.vocabulary.tokens[Int(tokens[worst])].debugDescription),"
          + " \(NumberText.significant(surprises[worst], digits: 3)) bits",
      ]
    }
    return [
      .table(
        title: "Hardest passages of the first \(count) tokens, split '\(split)'",
        rows: [["token", "bits per token", "text", "least expected token"]] + rows)
    ]
  }

  private static let textCount = 200

  /// Texts that differ most from their references, among the first of the split.
  private func writtenTexts() throws -> [RunPage.Sample] {
    var found: [(number: Int, reference: String, written: String, rate: Double)] = []
    var names: [String] = []
    do throws(WeftError) {
      try model.predict(
        .predictions, split: split, begin: { names = $0.names },
        onRows: { rows, done, total throws(WeftError) in
          guard rows.columns.count > 2, case .texts(let written) = rows.columns[0],
            case .texts(let references) = rows.columns[2]
          else { return }
          for (row, number) in rows.index[0].enumerated() {
            var rate = ErrorRate()
            rate.add(Array(written[row].unicodeScalars), reference: Array(references[row].unicodeScalars))
            found.append((number, references[row], written[row], rate.value))
          }
          // Decoding takes long.
          if found.count >= Self.textCount { throw WeftError.failure(Self.enough) }
        })
    } catch {
      if error.message != Self.enough { throw error }
    }
    let hardest = found.sorted { $0.rate > $1.rate }.prefix(12)
    guard !hardest.isEmpty else { return [] }
    let rows = hardest.map { example in
      ["\(example.number)"]
        + (names.isEmpty ? [] : [names.indices.contains(example.number) ? names[example.number] : ""])
        + [
          example.reference, example.written,
          NumberText.fixed(100 * min(example.rate, 10), decimals: 0) + "%",
        ]
    }
    return [
      .table(
        title: "Hardest of the first \(found.count) examples, split '\(split)'",
        rows: [
          ["sequence"] + (names.isEmpty ? [] : ["name"]) + ["reference", "output", "character error rate"]
        ] + rows)
    ]
  }

  /// Ends predictions that were enough.
  private static let enough = "enough texts"
}

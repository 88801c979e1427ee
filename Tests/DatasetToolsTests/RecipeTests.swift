import Foundation
import HDF5
import Testing
import WeftData
import WeftTasks

@testable import DatasetTools

/// Configurations that are composed for datasets.
@Suite struct RecipeTests {
  /// Writes a dataset with three splits; `body` writes one.
  private static func dataset(
    _ fixture: Fixture, _ name: String, splits: [String] = ["train", "validation", "test"],
    root: (File) throws -> Void = { _ in }, _ body: (File, String) throws -> Void
  ) throws -> String {
    let path = fixture.path(name)
    let file = try File(creating: path)
    try root(file)
    for split in splits {
      try file.createGroup(split)
      try body(file, split)
    }
    try file.close()
    return path
  }

  private static func recipe(_ path: String, task: RecipeTask? = nil) throws -> ConfigurationRecipe {
    try ConfigurationRecipe(DatasetFacts(path, progress: ProgressReporter()), path: path, task: task)
  }

  /// Ragged sequences of three features with targets.
  private static func ragged(_ file: File, _ split: String, _ targets: ([Int]) throws -> Void) throws {
    let lengths = (0..<30).map { 4 + $0 % 5 }
    let steps = lengths.reduce(0, +)
    try file.write("\(split)/inputs", (0..<steps * 3).map { Float($0 % 17) }, shape: [steps, 3])
    try file.write("\(split)/offsets", lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) })
    try targets(lengths)
  }

  private static func series(_ count: Int) -> [Float] {
    (0..<count).map { step in
      let angle = 2 * Double.pi * Double(step) / 12
      let chance = Double(step * 7919 % 11) / 22
      return Float(20 + 5 * sin(angle) + chance)
    }
  }

  /// Features of whole sequences are read, and missing ones among them are replaced.
  @Test(arguments: [false, true]) func staticFeatures(isForecast: Bool) throws {
    let fixture = try Fixture()
    let path = try Self.dataset(
      fixture, "static.h5", root: { try $0.write("categories/kind", ["a", "b"]) }
    ) { file, split in
      try Self.ragged(file, split) { lengths in
        if !isForecast { try file.write("\(split)/targets", lengths.indices.map { UInt8($0 % 2) }) }
        let values = lengths.indices.flatMap { [Float($0 % 2), $0 == 3 ? .nan : Float($0)] }
        let dataset = try file.write(
          "\(split)/static", values, shape: [lengths.count, 2])
        try dataset.attributes.set("feature_names", to: ["kind", "age"])
      }
    }
    let values = try Dictionary(
      Self.recipe(path).configuration().values.map { ($0.key, $0.value) }
    ) { $1 }
    #expect(values["data.static"] == "[static]" && values["data.categories"] == "[kind]", "\(values)")
    #expect(values["data.missing_inputs"] == (isForecast ? "forward" : "mean"), "\(values)")
  }

  @Test func classesLabelsAndNumbersAreTold() throws {
    let fixture = try Fixture()
    let kinds: [(String, RecipeTask, (File, String, [Int]) throws -> Void, [String: String])] = [
      (
        "classes.h5", .classification,
        { try $0.write("\($1)/targets", $2.indices.map { UInt8($0 % 4) }) },
        ["loss.kind": "cross-entropy", "model.output": "mean"]
      ),
      (
        "onehot.h5", .classification,
        {
          try $0.write(
            "\($1)/targets", $2.indices.flatMap { row in (0..<3).map { Float(row % 3 == $0 ? 1 : 0) } },
            shape: [$2.count, 3])
        }, ["loss.kind": "cross-entropy"]
      ),
      (
        "labels.h5", .labels,
        {
          try $0.write(
            "\($1)/targets", $2.indices.flatMap { [UInt8($0 % 2), UInt8($0 % 3 == 0 ? 1 : 0), 1] },
            shape: [$2.count, 3])
        }, ["loss.kind": "binary-cross-entropy"]
      ),
      (
        "numbers.h5", .regression,
        { try $0.write("\($1)/targets", $2.indices.map { Float($0) / 7 }) },
        ["loss.kind": "squared-error", "model.output": "mean"]
      ),
      (
        "steps.h5", .classification,
        { try $0.write("\($1)/targets", (0..<$2.reduce(0, +)).map { Int32($0 % 2) }) },
        ["loss.kind": "cross-entropy", "model.output": "every-step"]
      ),
    ]
    for (name, task, write, expected) in kinds {
      let path = try Self.dataset(fixture, name) { file, split in
        try Self.ragged(file, split) { try write(file, split, $0) }
      }
      let facts = try DatasetFacts(path, progress: ProgressReporter())
      #expect(try facts.suggestedTask() == task, "\(name)")
      let configuration = try Self.recipe(path).configuration()
      let values = Dictionary(configuration.values.map { ($0.key, $0.value) }) { $1 }
      for (key, value) in expected { #expect(values[key] == value, "\(name): \(key)") }
      #expect(configuration.data.standardizes && configuration.training.earlyStoppingPatience != nil)
    }
  }

  /// Steps yet to come are not read for a target at each step of measurements, but of a text; numbers have no dropout.
  @Test(arguments: [
    (false, true, "false", "0"), (false, false, "true", "0"), (true, true, "true", "0.5"),
    (true, false, "true", "0.5"),
  ]) func laterStepsAndDropout(
    areTokens: Bool, hasTargetPerStep: Bool, readsBackward: String, dropout: String
  ) throws {
    let fixture = try Fixture()
    let path = try Self.dataset(
      fixture, "data.h5", root: { if areTokens { try $0.write("vocabulary", ["a", "b", "c"]) } }
    ) { file, split in
      let lengths = (0..<30).map { 4 + $0 % 5 }
      let steps = lengths.reduce(0, +)
      if areTokens {
        try file.write("\(split)/tokens", (0..<steps).map { UInt8($0 % 3) })
      } else {
        try file.write("\(split)/inputs", (0..<steps).map { Float($0 % 17) }, shape: [steps, 1])
      }
      try file.write("\(split)/offsets", lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) })
      let count = hasTargetPerStep ? steps : lengths.count
      if areTokens {
        try file.write("\(split)/targets", (0..<count).map { UInt8($0 % 2) })
      } else {
        try file.write("\(split)/targets", (0..<count).map { Float($0) / 7 })
      }
    }
    let recipe = try Self.recipe(path, task: areTokens ? .classification : .regression)
    let values = Dictionary(try recipe.configuration().values.map { ($0.key, $0.value) }) { $1 }
    #expect(values["model.bidirectional"] == readsBackward, "\(values)")
    #expect(Double((values["model.dropout"] ?? nil) ?? "") == Double(dropout), "\(values)")
    #expect(recipe.notes.contains { $0.contains("model.bidirectional=true") } == (readsBackward == "false"))
  }

  /// Series of workdays have a season of five, and their weekends are no gaps.
  @Test func workdaysHaveASeasonOfFive() throws {
    let fixture = try Fixture()
    let path = try Self.dataset(fixture, "days.h5") { file, split in
      try file.write("\(split)/inputs", (0..<200).map { Float($0 * 7919 % 13 + 1) }, shape: [200, 1])
      try file.write(
        "\(split)/time", (0..<200).map { (step: Int) -> Double in Double((step / 5 * 7 + step % 5) * 86_400) }
      )
    }
    #expect(try Self.recipe(path).configuration().data.horizon == 5)
  }

  /// Mostly zeros have a median of zero; a context without any number has no level to divide by; and several windows of the
  /// shortest split are forecast.
  @Test func forecastsOfSeldomDemandMissingNumbersAndShortSplits() throws {
    let fixture = try Fixture()
    let seldom = try Self.dataset(fixture, "seldom.h5") { file, split in
      try file.write(
        "\(split)/inputs", (0..<300).map { (step: Int) -> Float in step % 5 == 0 ? Float(step % 3) : 0 },
        shape: [300, 1])
    }
    #expect(try Self.recipe(seldom).configuration().loss.kind.name == "squared-error")
    let missing = try Self.dataset(fixture, "missing.h5") { file, split in
      let values = (0..<300).flatMap { (step: Int) -> [Float] in [Float(step * step * step % 1009 + 1), .nan]
      }
      try file.write("\(split)/inputs", values, shape: [300, 2])
    }
    let configuration = try Self.recipe(missing).configuration()
    #expect(!configuration.data.ratios && configuration.data.relativeTo == .last)
    let short = try Self.dataset(fixture, "hours.h5") { file, split in
      let count = split == "train" ? 300 : 50
      try file.write("\(split)/inputs", (0..<count).map { Float($0 * 7919 % 13) }, shape: [count, 1])
      try file.write("\(split)/time", (0..<count).map { 3600 * Double($0) })
    }
    let recipe = try Self.recipe(short)
    let data = try recipe.configuration().data
    #expect(data.horizon == 12 && data.context == 27)
    let note = "too few for forecasts of 24; --lead-in"
    #expect(recipe.notes.contains { $0.contains(note) }, "\(recipe.notes)")
  }

  @Test func streamsOfTokensAndSeriesAreTold() throws {
    let fixture = try Fixture()
    let text = try Self.dataset(
      fixture, "text.h5",
      root: {
        try $0.attributes.set("unit", to: "character")
        try $0.write("vocabulary", ["a", "b", "c"])
      }
    ) { file, split in try file.write("\(split)/tokens", (0..<5000).map { UInt8($0 % 3) }) }
    let language = try Self.recipe(text).configuration()
    #expect(language.training.carryState && language.data.window == 100 && language.training.steps == 300)

    let series = try Self.dataset(fixture, "series.h5") { file, split in
      try file.write("\(split)/inputs", Self.series(200), shape: [200, 1])
    }
    let forecast = try Self.recipe(series).configuration()
    #expect(forecast.data.horizon == 12 && forecast.data.context == 24 && forecast.data.season == 12)
    let detection = try Self.recipe(series, task: .detection).configuration()
    #expect(detection.data.horizon == nil && detection.loss.kind.name == "student-t")
    // Labels of anomalies suggest to search for them.
    let marked = try Self.dataset(fixture, "marked.h5") { file, split in
      try file.write("\(split)/inputs", Self.series(200), shape: [200, 1])
      try file.write("\(split)/labels", (0..<200).map { Int32($0 == 150 ? 1 : 0) })
    }
    #expect(try DatasetFacts(marked, progress: ProgressReporter()).suggestedTask() == .detection)
    // A day of hours, whatever the numbers look like.
    let hours = try Self.dataset(fixture, "hours.h5") { file, split in
      try file.write("\(split)/inputs", (0..<300).map { Float($0 * 7919 % 13) }, shape: [300, 1])
      try file.write("\(split)/time", (0..<300).map { 3600 * Double($0) })
    }
    #expect(try Self.recipe(hours).configuration().data.horizon == 24)
    // A short split bounds the window.
    let short = try Self.dataset(fixture, "short.h5") { file, split in
      let count = split == "test" ? 20 : 200
      try file.write("\(split)/inputs", Self.series(count), shape: [count, 1])
    }
    let bounded = try Self.recipe(short).configuration()
    #expect((bounded.data.context ?? 0) + (bounded.data.horizon ?? 0) <= 20)
  }

  @Test func targetsOfTheirOwnLengthAreTold() throws {
    let fixture = try Fixture()
    func make(_ name: String, _ vocabulary: [String], tokens: Bool) throws -> ConfigurationRecipe {
      let path = try Self.dataset(
        fixture, name,
        root: {
          try $0.write("target_vocabulary", vocabulary)
          if tokens { try $0.write("vocabulary", ["<pad>", "<bos>", "<eos>", "<unk>", "x", "y"]) }
        }
      ) { file, split in
        let lengths = (0..<12).map { 5 + $0 % 4 }
        let steps = lengths.reduce(0, +)
        if tokens {
          try file.write("\(split)/inputs", (0..<steps).map { UInt8(4 + $0 % 2) })
        } else {
          try file.write("\(split)/inputs", (0..<steps * 2).map { Float($0 % 9) }, shape: [steps, 2])
        }
        try file.write("\(split)/offsets", lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) })
        try file.write("\(split)/targets", (0..<24).map { UInt8($0 % 2 + vocabulary.count - 2) })
        try file.write("\(split)/target_offsets", (0...12).map { 2 * $0 })
      }
      return try Self.recipe(path)
    }
    let marked = ["<pad>", "<bos>", "<eos>", "<unk>", "u", "v"]
    #expect(try make("pairs.h5", marked, tokens: true).configuration().model.kind == .encoderDecoder)
    #expect(try make("captions.h5", marked, tokens: false).configuration().decoder.hidden == 256)
    #expect(try make("speech.h5", ["u", "v"], tokens: false).configuration().loss.kind.name == "ctc")
  }

  @Test func everyLineHasAReasonAndIsRead() throws {
    let fixture = try Fixture()
    let path = try Self.dataset(fixture, "it's a # file.h5", splits: ["train"]) { file, split in
      try Self.ragged(file, split) { try file.write("\(split)/targets", $0.indices.map { UInt8($0 % 2) }) }
    }
    let recipe = try Self.recipe(path)
    #expect(recipe.notes.count == 1 && recipe.notes[0].contains("'validation'"))
    let yaml = recipe.yaml(heading: ["more"])
    for line in yaml.split(separator: "\n") where line.hasPrefix("  ") {
      #expect(line.contains("  # "), "\(line)")
    }
    #expect(try Configuration(yaml: yaml) == recipe.configuration())
    #expect(try Configuration(yaml: yaml).data.file == path)
    #expect(try recipe.configuration(overrides: ["model.hidden=7"]).model.hidden == 7)
  }

  @Test func missingNumbersAreReplaced() throws {
    let fixture = try Fixture()
    let path = try Self.dataset(fixture, "missing.h5") { file, split in
      try Self.ragged(file, split) { lengths in
        try file.write("\(split)/targets", lengths.indices.map { $0 == 3 ? Float.nan : Float($0) / 3 })
      }
    }
    #expect(try Self.recipe(path).configuration().data.allowsMissingTargets)
    let dense = try Self.dataset(fixture, "dense.h5") { file, split in
      var values = (0..<10 * 4 * 2).map { Float($0) }
      // Padding at the end of a sequence is not missing.
      values[6] = .nan
      values[7] = .nan
      try file.write("\(split)/inputs", values, shape: [10, 4, 2])
      try file.write("\(split)/targets", (0..<10).map { UInt8($0 % 2) })
    }
    #expect(try Self.recipe(dense).configuration().data.missingInputs == .error)
  }

  @Test func whatCannotBeLearnedIsNamed() throws {
    let fixture = try Fixture()
    func complaint(_ path: String, task: RecipeTask? = nil) -> String {
      do {
        _ = try Self.recipe(path, task: task)
        return ""
      } catch { return "\(error)" }
    }
    let dense = try Self.dataset(fixture, "d.h5") { file, split in
      try file.write("\(split)/inputs", (0..<24).map { Float($0) }, shape: [2, 6, 2])
    }
    #expect(complaint(dense).contains("weft data convert \(dense) --layout ragged"))
    let classes = try Self.dataset(fixture, "c.h5") { file, split in
      try Self.ragged(file, split) { try file.write("\(split)/targets", $0.indices.map { UInt8($0 % 2) }) }
    }
    #expect(complaint(classes, task: .translation).hasPrefix("--task: no translation can be learned"))
    let file = try File(creating: fixture.path("root.h5"))
    try file.write("X", [1.0, 2])
    try file.write("y", [1, 2])
    try file.close()
    #expect(complaint(fixture.path("root.h5")).contains("--inputs X --targets y"))
    let groups = try Self.dataset(fixture, "g.h5", splits: ["all"]) { file, split in
      try file.write("\(split)/inputs", [1.0, 2], shape: [2, 1])
    }
    #expect(complaint(groups).contains("no group 'train' among all"))
    #expect(complaint(fixture.path("none.h5")).contains("no such file"))
  }

  @Test func seasonsAreFound() {
    func wave(_ step: Int, noise: Double) -> Double {
      let angle = 2 * Double.pi * Double(step) / 24
      let chance = Double(step * 7919 % 89) / 89
      return 3 * sin(angle) + noise * chance
    }
    let noisy: [Double] = (0..<600).map { wave($0, noise: 0.7) }
    #expect(SeasonSearch.season(of: noisy) == 24)
    #expect(!SeasonSearch.repeats(noisy, season: 24))
    let smooth: [Double] = (0..<600).map { wave($0, noise: 1e-3) }
    #expect(SeasonSearch.repeats(smooth, season: 24))
    // By NumPy, the autocorrelations of the changes are 0.84 and 0.75.
    #expect(SeasonSearch.isStrong((0..<600).map { wave($0, noise: 1.5) }, season: 24))
    #expect(!SeasonSearch.isStrong((0..<600).map { wave($0, noise: 2) }, season: 24))
    #expect(
      !SeasonSearch.isStrong([], season: 12) && !SeasonSearch.isStrong([1, 1, 1, 1, 1, 1, 1], season: 2))
    #expect(SeasonSearch.season(of: [1, 1, 1]) == nil)
    #expect(SeasonSearch.season(of: [Double](repeating: 2, count: 100)) == nil)
  }
  /// The thresholds of steps and of the season, the level and the contexts of forecasts.
  @Test(
    arguments: [
      (4999, false, [], nil, 24, 24, "last", 0), (4999, true, [], 1, 24, 24, "last", 3),
      (5000, false, [], nil, 24, 24, "mean", 3), (50_000, true, [60, 90, 20], nil, 36, 60, "mean", 5),
      (50_000, false, [60, 65], nil, 36, 53, "mean", 5), (5000, false, [47, 90], nil, 24, 24, "mean", 3),
      (49_999, false, [60, 90], nil, 36, 36, "mean", 3),
    ] as [(Int, Bool, [Int], Double?, Int, Int, String, Int)])
  func forecastsDependOnStepsAndSeason(
    steps: Int, isStrong: Bool, lengths: [Int], decay: Double?, least: Int, context: Int, level: String,
    blocks: Int
  ) throws {
    var series = ConfigurationRecipe.Series(horizon: 12, season: 12, hasCovariates: false, arePositive: true)
    (series.steps, series.lengths, series.hasStrongSeason) = (steps, lengths, isStrong)
    let configuration = try ConfigurationRecipe.forecasting(series, "a.h5").configuration()
    let (data, values) = (
      configuration.data, Dictionary(configuration.values.map { ($0.key, $0.value) }) { $1 }
    )
    #expect(data.context == context && (data.leastContext ?? context) == least)
    #expect(data.relativeTo.rawValue == level && data.ratios)
    #expect(configuration.model.blocks.count == blocks)
    #expect(configuration.model.blocks.first?.convolution == (blocks == 0 ? nil : blocks == 5 ? 128 : 64))
    #expect((values["optimizer.kind"] == "adamw") == (decay != nil))
    #expect(configuration.optimizer.weightDecay == decay ?? 0)
    // Covariates would make the linear function large; what repeats its seasons leaves no season to it.
    series.hasCovariates = true
    #expect(try ConfigurationRecipe.forecasting(series, "a.h5").configuration().model.blocks.isEmpty)
    (series.hasCovariates, series.repeatsSeasons) = (false, true)
    let repeated = try ConfigurationRecipe.forecasting(series, "a.h5").configuration()
    #expect(repeated.data.season == 12 && repeated.model.blocks.isEmpty == (steps < 5000))
    #expect(repeated.data.relativeTo.rawValue == (steps < 5000 ? "none" : "mean") && !repeated.data.ratios)
  }
}

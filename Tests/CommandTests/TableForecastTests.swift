import Foundation
import HDF5
import TestSupport
import Testing

/// From a table to forecasts, with the configuration that the table's conversion writes.
@Suite struct TableForecastTests {
  /// A monthly series that grows, with a promotion known in advance.
  private static let table: String = {
    let rows = (0..<240).map { month -> String in
      let promotion = month * 7919 % 11 < 3 ? 1 : 0
      let level = 100 * exp(0.01 * Double(month)) * (1 + 0.2 * sin(2 * .pi * Double(month) / 12))
      let sales = level * (1 + 0.5 * Double(promotion))
      let date = "\(2000 + month / 12)-\(month % 12 < 9 ? "0" : "")\(month % 12 + 1)-01"
      return "\(date),\(sales),\(promotion)\n"
    }
    return "month,sales,promotion\n" + rows.joined()
  }()

  @Test func theWrittenConfigurationForecastsTheTable() throws {
    try TemporaryFolder.use { folder in
      try Data(Self.table.utf8).write(to: folder.appending(path: "sales.csv"))
      let made = try Command.run(
        "data", "table", "sales.csv", "--inputs", "sales", "--covariates", "promotion", "--time", "month",
        "--split", "0.7,0.15,0.15", "--horizon", "6", "--configuration", "sales.yaml", "--output", "sales.h5",
        in: folder)
      #expect(made.status == 0, "\(made.errors)")
      let text = try String(contentsOf: folder.appending(path: "sales.yaml"), encoding: .utf8)
      for line in [
        "  file: sales.h5", "  context: 24", "  horizon: 6", "  covariates: [covariates]",
        "  relative_to: last", "  ratios: true",
      ] {
        #expect(text.contains(line + "  "), "\(line)")
      }
      let known = try File(opening: folder.appending(path: "sales.h5").path).dataset("train/covariates")
      #expect(try known.shape == [168, 1])
      #expect(try known.attributes.values("feature_names", as: String.self) == ["promotion"])
      func error(_ arguments: String...) throws -> Double {
        let name = "run\(arguments.count)"
        let trained = try Command.run(
          ["train", "sales.yaml", "--output", name, "--set", "training.steps=1000"] + arguments, in: folder)
        #expect(trained.status == 0, "\(trained.errors)")
        let found = try Command.run("evaluate", name, "--split", "test", "--json", in: folder)
        let json = try JSONSerialization.jsonObject(with: Data(found.output.utf8)) as? [String: Any]
        return try #require(json?["mae"] as? Double, "\(found.output)")
      }
      // Sales are 650 to 1,100 in the test split, half as many again in promotions.
      let relative = try error()
      let plain = try error(
        "--set", "data.relative_to=none", "--set", "data.ratios=false", "--set", "data.covariates=[]")
      #expect(relative < 100 && relative < 0.5 * plain, "\(relative), \(plain)")
      let forecast = try Command.run("forecast", "run0", "--origin", "30", "--json", in: folder)
      #expect(forecast.status == 0, "\(forecast.errors)")
    }
  }

  /// Each split but the first begins with the rows before it, so that a forecast ends at each of its own rows: 144 months,
  /// of which 14 are for validation, are enough for contexts of two years.
  @Test func shortSplitsAreForecastFromWhatPrecedesThem() throws {
    try TemporaryFolder.use { folder in
      let rows = (0..<144).map { month in
        "\(1949 + month / 12)-\(month % 12 < 9 ? "0" : "")\(month % 12 + 1)-01,\(100 + month)\n"
      }
      try Data(("month,passengers\n" + rows.joined()).utf8).write(to: folder.appending(path: "air.csv"))
      let table = [
        "data", "table", "air.csv", "--inputs", "passengers", "--time", "month", "--split", "0.7,0.1,0.2",
      ]
      let made = try Command.run(
        table + ["--horizon", "12", "--configuration", "air.yaml", "--output", "air.h5"], in: folder)
      #expect(
        made.output == """
          air.h5: train 101, validation 14, test 29 rows
          validation and test: after the 24 rows before them, from which their first rows are forecast

          """)
      let file = try File(opening: folder.appending(path: "air.h5").path)
      func passengers(_ split: String) throws -> [Int] {
        try file.dataset("\(split)/inputs").read(as: Float.self).map { Int($0) }
      }
      #expect(try passengers("train") == Array(100..<201))
      #expect(try passengers("validation") == Array(177..<215))
      // The two years before it are not all of the validation split.
      #expect(try passengers("test") == Array(191..<244))
      #expect(try file.dataset("test/time").shape == [53])
      try Command.succeed(
        "train", "air.yaml", "--output", "run", "--set", "training.steps=2", "--set",
        "training.evaluate_every=2", in: folder)
      let evaluated = try Command.run("evaluate", "run", "--split", "test", "--json", in: folder)
      // 29 − 11 windows of 12 months.
      #expect(evaluated.output.contains("\"count\":\(18 * 12)"), "\(evaluated.output)")
      // As many rows as are asked for, also without a configuration.
      for (count, first) in [(0, 201), (5, 196), (500, 100)] {
        let led = try Command.run(
          table + ["--lead-in", "\(count)", "--output", "\(count).h5"], in: folder)
        #expect(led.status == 0, "\(led.errors)")
        let written = try File(opening: folder.appending(path: "\(count).h5").path)
        #expect(try written.dataset("validation/inputs").read(as: Int.self) == Array(first..<215))
      }
    }
  }

  /// Many steps are forecast by a linear function as well, unless covariates would make it large.
  @Test(arguments: [(7000, false, true), (6000, false, false), (7000, true, false)])
  func manyStepsAddALinearFunction(steps: Int, hasCovariates: Bool, isLinear: Bool) throws {
    try TemporaryFolder.use { folder in
      let rows = (0..<steps).map { "\(100 + $0 * 7 % 12),\($0 % 5)\n" }
      try Data(("sales,day\n" + rows.joined()).utf8).write(to: folder.appending(path: "sales.csv"))
      let made = try Command.run(
        ["data", "table", "sales.csv", "--inputs", "sales", "--split", "0.8,0.1,0.1"]
          + ["--horizon", "12", "--configuration", "sales.yaml", "--output", "sales.h5"]
          + (hasCovariates ? ["--covariates", "day"] : []), in: folder)
      #expect(made.status == 0, "\(made.errors)")
      let text = try String(contentsOf: folder.appending(path: "sales.yaml"), encoding: .utf8)
      #expect(text.contains("    - {convolution: 64, width: 24, padding: causal}\n") == isLinear, "\(text)")
      #expect(text.contains("  cell: gru  ") != isLinear, "\(text)")
      try Command.succeed(
        "train", "sales.yaml", "--output", "run", "--set", "training.steps=2", "--set",
        "training.evaluate_every=2", in: folder)
    }
  }

  /// A season that the changes of the series repeat adds a linear function to short series as well.
  @Test(arguments: [(0.5, true), (8, false)])
  func aStrongSeasonAddsALinearFunction(noise: Double, isLinear: Bool) throws {
    try TemporaryFolder.use { folder in
      let rows = (0..<200).map { month in
        let date = "\(2000 + month / 12)-\(month % 12 < 9 ? "0" : "")\(month % 12 + 1)-01"
        let sales = 100 + 10 * sin(2 * .pi * Double(month) / 12) + noise * Double(month * 7919 % 13 - 6) / 6
        return "\(date),\(sales)\n"
      }
      try Data(("month,sales\n" + rows.joined()).utf8).write(to: folder.appending(path: "sales.csv"))
      try Command.succeed(
        "data", "table", "sales.csv", "--inputs", "sales", "--time", "month", "--split", "0.6,0.2,0.2",
        "--horizon", "12", "--configuration", "sales.yaml", "--output", "sales.h5", in: folder)
      let text = try String(contentsOf: folder.appending(path: "sales.yaml"), encoding: .utf8)
      #expect(text.contains("    - {convolution: 64, width: 24, padding: causal}\n") == isLinear, "\(text)")
      #expect(text.contains("  weight_decay: 1 ") == isLinear && text.contains("  batch: 32 "), "\(text)")
      try Command.succeed("train", "sales.yaml", "--output", "run", "--set", "training.steps=2", in: folder)
    }
  }

  /// Three seasons are read of many series if all have as many and a horizon more, but for those that lack even two.
  @Test(arguments: [(48, 36), (47, 24), (36, 24), (35, 36)])
  func manySeriesOfThreeSeasons(shortest: Int, context: Int) throws {
    try TemporaryFolder.use { folder in
      let rows = (0..<120).flatMap { shop in
        (0..<(shop == 110 ? shortest : 60)).map { month in
          "\(shop),\(2000 + month / 12)-\(month % 12 < 9 ? "0" : "")\(month % 12 + 1)-01,\(100 + month * 7 % 12)\n"
        }
      }
      try Data(("shop,month,sales\n" + rows.joined()).utf8).write(to: folder.appending(path: "sales.csv"))
      try Command.succeed(
        "data", "table", "sales.csv", "--inputs", "sales", "--group", "shop", "--time", "month", "--split",
        "0.8,0.1,0.1", "--split-by", "group", "--horizon", "12", "--configuration", "sales.yaml", "--output",
        "sales.h5", in: folder)
      let text = try String(contentsOf: folder.appending(path: "sales.yaml"), encoding: .utf8)
      #expect(text.contains("  context: \(context) "), "\(text)")
      #expect(text.contains("    - {convolution: 64, width: \(context), padding: causal}\n"), "\(text)")
    }
  }

  @Test(arguments: [
    (["--horizon", "6"], "--horizon needs --configuration, the file to write"),
    (["--configuration", "c.yaml"], "--configuration needs --horizon, the steps to forecast"),
    (["--configuration", "c.yaml", "--horizon", "0"], "--horizon must be at least 1, not 0"),
    (
      ["--configuration", "c.yaml", "--horizon", "2", "--window", "8"],
      "--configuration forecasts series; it cannot be combined with --window, --target-per group or --class-from"
    ),
    (["--lead-in=-1"], "--lead-in must be at least 0 and at most 1048576, not -1"),
    (
      ["--lead-in", "3", "--group", "promotion"],
      "--lead-in is for consecutive splits of a series; it cannot be combined with --window, and with --group only beside"
        + " --split-by time"
    ),
    (["--split-by", "time"], "--split-by needs --group; a table without groups is divided by time"),
    (["--group", "month", "--split-by", "tme"], "--split-by: unknown way 'tme'"),
    (["--thousands", "."], "--thousands: '.' is the decimal mark; use --decimal ,"),
    (["--thousands", "5"], "--thousands: '5' is not a character such as , or . or ', or space"),
    (
      ["--skip-lines", "3-1"], "--skip-lines: '3-1' is not a line or a range of lines, such as 1-4, 6 or 90-"
    ),
    (["--skip-lines", "0"], "--skip-lines: '0' is not a line or a range of lines"),
    (["--covariates", "price"], "--covariates: no column 'price' in sales.csv"),
    (
      ["--covariates", "promotion", "--window", "8"],
      "--window and --covariates cannot be combined; forecasts read windows of a stream"
    ),
  ])
  func mistakesAreNamed(options: [String], complaint: String) throws {
    try TemporaryFolder.use { folder in
      try Data(Self.table.utf8).write(to: folder.appending(path: "sales.csv"))
      let made = try Command.run(
        ["data", "table", "sales.csv", "--inputs", "sales", "--output", "sales.h5"] + options, in: folder)
      #expect(made.status == 2 && made.errors.contains(complaint), "\(made.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["sales.csv"])
    }
  }

  @Test func aConfigurationIsNotReplaced() throws {
    try TemporaryFolder.use { folder in
      try Data(Self.table.utf8).write(to: folder.appending(path: "sales.csv"))
      try Data("mine".utf8).write(to: folder.appending(path: "c.yaml"))
      let arguments = [
        "data", "table", "sales.csv", "--inputs", "sales", "--output", "sales.h5", "--configuration",
        "c.yaml",
        "--horizon", "3",
      ]
      let refused = try Command.run(arguments, in: folder)
      #expect(refused.status == 1 && refused.errors.contains("c.yaml: exists already"), "\(refused.errors)")
      #expect(try String(contentsOf: folder.appending(path: "c.yaml"), encoding: .utf8) == "mine")
      #expect(try Command.run(arguments + ["--overwrite"], in: folder).status == 0)
      #expect(
        try String(contentsOf: folder.appending(path: "c.yaml"), encoding: .utf8).contains("horizon: 3"))
    }
  }
}

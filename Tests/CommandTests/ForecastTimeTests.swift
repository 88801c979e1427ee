import Foundation
import HDF5
import TestSupport
import Testing

/// Forecasts tell the times of their steps, the names of series and those of targets, and read what is known in advance.
@Suite struct ForecastTimeTests {
  private static let configuration = """
    data: {file: data.h5, context: 8, horizon: 4, KEYS}
    model: {cell: gru, hidden: 4, output: last-step}
    loss: {kind: LOSS}
    training: {batch: 4, steps: 4, evaluate_every: 4}

    """

  private static func train(
    _ table: String, _ options: [String], keys: String = "standardize: true", loss: String = "absolute-error",
    in folder: URL
  ) throws -> String {
    try Data(table.utf8).write(to: folder.appending(path: "t.csv"))
    let told = try Command.run(
      ["data", "table", "t.csv", "--output", "data.h5", "--overwrite"] + options, in: folder)
    #expect(told.status == 0, "\(told.errors)")
    let text = configuration.replacing("KEYS", with: keys).replacing("LOSS", with: loss)
    try Data(text.utf8).write(to: folder.appending(path: "train.yaml"))
    try Command.succeed("train", "train.yaml", "--output", "run", in: folder)
    return told.output
  }

  private static func check(_ program: String, in folder: URL) throws {
    let result = try Python.run("import csv, json, datetime, h5py, numpy\n" + program, in: folder)
    #expect(result.status == 0, "\(result.output)")
  }

  /// Hours of Berlin across the end of summer time; the future is beyond the table.
  @Test func timesOfEachStep() throws {
    try TemporaryFolder.use { folder in
      // Python writes the local times, of which an hour comes twice.
      try Self.check(
        #"""
        from zoneinfo import ZoneInfo
        zone, start = ZoneInfo("Europe/Berlin"), datetime.datetime(2024, 10, 25, tzinfo=datetime.timezone.utc)
        with open("hours.csv", "w") as file:
            print("t,y,z", file=file)
            for hour in range(51):
                local = (start + datetime.timedelta(hours=hour)).astimezone(zone)
                print(f"{local:%Y-%m-%d %H:%M},{20 + hour % 7 / 3},{hour % 5}", file=file)
        """#, in: folder)
      let table = try String(contentsOf: folder.appending(path: "hours.csv"), encoding: .utf8)
      _ = try Self.train(
        table,
        [
          "--inputs", "y,z", "--time", "t", "--time-zone", "Europe/Berlin", "--split", "0.5,0.5", "--lead-in",
          "8",
        ],
        loss: "quantile, quantiles: [0.1, 0.5, 0.9]", in: folder)
      for name in ["p.csv", "p.h5", "p.jsonl", "p.npy"] {
        try Command.succeed("predict", "run", "--split", "validation", "--output", name, in: folder)
      }
      try Data(try Command.succeed("forecast", "run", "--split", "validation", "--json", in: folder).utf8)
        .write(to: folder.appending(path: "f.json"))
      try Data(try Command.succeed("forecast", "run", "--split", "validation", in: folder).utf8)
        .write(to: folder.appending(path: "f.txt"))
      try Self.check(
        #"""
        from zoneinfo import ZoneInfo
        zone, start = ZoneInfo("Europe/Berlin"), datetime.datetime(2024, 10, 25, tzinfo=datetime.timezone.utc)
        # The split begins with 8 of the 26 rows before it.
        moments = [start + datetime.timedelta(hours=18 + step) for step in range(40)]
        rows, lines = list(csv.DictReader(open("p.csv"))), [json.loads(line) for line in open("p.jsonl")]
        assert list(rows[0]) == ["series", "origin", "step", "ahead", "time", "y", "z", "y_0.1", "z_0.1", "y_0.5", "z_0.5",
                                 "y_0.9", "z_0.9", "y_target", "z_target"], list(rows[0])
        assert len(rows) == len(lines) and int(rows[-1]["step"]) == 36, rows[-1]
        truth = list(csv.DictReader(open("hours.csv")))[18:]
        with h5py.File("p.h5") as found:
            assert [name.decode() for name in found["target_names"][:]] == ["y", "z"]
            times, medians = found["time"][:], found["median"][:]
            assert found["time"].attrs["units"] == "seconds since 1970-01-01 00:00:00"
            assert found["time"].attrs["time_zone"] == "Europe/Berlin"
            assert (numpy.load("p.npy") == medians).all()
        for number, (row, line) in enumerate(zip(rows, lines)):
            window, ahead = divmod(number, 4)
            step = int(row["step"])
            assert int(row["ahead"]) == ahead + 1 and step == int(row["origin"]) + ahead
            expected = moments[step].astimezone(zone)
            assert row["time"] == line["time"] == expected.isoformat(), (row["time"], expected)
            assert datetime.datetime.fromisoformat(row["time"]) == moments[step]
            assert times[window, ahead] == moments[step].timestamp()
            for target, name in enumerate(["y", "z"]):
                assert numpy.float32(row[name]) == numpy.float32(medians[window, ahead, target])
                if row[name + "_target"]:
                    assert numpy.float32(row[name + "_target"]) == numpy.float32(truth[step][name])
        assert rows[-1]["y_target"] == "" and rows[-1]["time"] == "2024-10-27T07:00:00+01:00"
        told, text = json.load(open("f.json")), open("f.txt").read().split("\n")
        assert told["targets"] == ["y", "z"] and "series" not in told
        assert told["time"] == [row["time"] for row in rows[-4:]]
        levels = [f"{100 * level:.4g}%" for level in told["levels"]]
        assert text[0].split() == ["step", "time", "y"] + levels + ["z"] + levels, text[0]
        for step in range(4):
            cells = text[step + 1].split()
            assert cells[1] == told["time"][step]
            assert numpy.float32(cells[2]) == numpy.float32(told["median"][step][0])
            assert numpy.float32(cells[3 + len(levels)]) == numpy.float32(told["median"][step][1])
        """#, in: folder)
    }
  }

  @Test(arguments: [
    // The last day of each month; days of work; numbers; and times without any order.
    (
      ["2023-09-30", "2023-10-31", "2023-11-30", "2023-12-31"],
      ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]
    ),
    (
      ["2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09"],
      ["2024-01-10", "2024-01-11", "2024-01-12", "2024-01-15"]
    ),
    (["0.5", "1", "1.5", "2"], ["2.5", "3", "3.5", "4"]),
    (
      ["2024-01-01T05:00Z", "2024-01-01T05:15Z"],
      ["2024-01-01T05:30:00Z", "2024-01-01T05:45:00Z", "2024-01-01T06:00:00Z", "2024-01-01T06:15:00Z"]
    ),
    ([], ["", "", "", ""]),
  ])
  func timesAfterTheTable(last: [String], following: [String]) throws {
    try TemporaryFolder.use { folder in
      // Twenty rows that end with these; Python goes backwards.
      try Data(last.joined(separator: " ").utf8).write(to: folder.appending(path: "last.txt"))
      try Self.check(
        #"""
        last, rows = open("last.txt").read().split(), []
        if not last:
            rows = [str(number ** 2) for number in range(20)]
        elif "Z" in last[0]:
            end = datetime.datetime.fromisoformat(last[-1])
            rows = [(end - datetime.timedelta(minutes=15 * n)).isoformat() for n in range(20)][::-1]
        elif "." in last[0]:
            rows = [str(2 - n / 2) for n in range(20)][::-1]
        else:
            day = datetime.date.fromisoformat(last[-1])
            while len(rows) < 20:
                isMonthly = last[-1] == "2023-12-31"
                if (day + datetime.timedelta(days=1)).day == 1 if isMonthly else day.weekday() < 5:
                    rows.insert(0, str(day))
                day -= datetime.timedelta(days=1)
            assert rows[-4:] == last
        open("t.csv", "w").write("t,y\n" + "".join(f"{row},{n % 4}\n" for n, row in enumerate(rows)))
        """#, in: folder)
      let table = try String(contentsOf: folder.appending(path: "t.csv"), encoding: .utf8)
      _ = try Self.train(table, ["--inputs", "y", "--time", "t"], in: folder)
      let told = try Command.succeed("forecast", "run", "--split", "train", "--json", in: folder)
      let report = try #require(try JSONSerialization.jsonObject(with: Data(told.utf8)) as? [String: Any])
      #expect(report["time"] as? [String] == following)
    }
  }

  /// Data of quarter hours are no hours, whatever their names; those of other days are.
  @Test(arguments: [(15, "15 min" as String?), (60, nil), (1440, "1 d")])
  func otherDistancesAreTold(minutes: Int, text: String?) throws {
    try TemporaryFolder.use { folder in
      func table(from day: Int, every minutes: Int) -> String {
        "t,y\n"
          + (0..<40).map {
            let time = Date(timeIntervalSince1970: Double(day * 86_400 + $0 * minutes * 60))
            return "\(time.formatted(.iso8601)),\($0 % 7)\n"
          }.joined()
      }
      _ = try Self.train(
        table(from: 19_000, every: 60), ["--inputs", "y", "--time", "t", "--split", "0.5,0.5"], in: folder)
      try Data(table(from: 20_000, every: minutes).utf8).write(to: folder.appending(path: "other.csv"))
      try Command.succeed(
        "data", "table", "other.csv", "--inputs", "y", "--time", "t", "--output", "other.h5", in: folder)
      for command in [
        "evaluate run --split train --data other.h5", "forecast run --split train --data other.h5",
        "predict run other.h5 --output p.csv --overwrite",
      ] {
        let told = try Command.run(command.split(separator: " ").map(String.init), in: folder)
        #expect(told.status == 0, "\(told.errors)")
        let wanted = text.map {
          "weft: note: other.h5: group /train: its steps are \($0) apart, but the model was trained on steps of 1 h\n"
        }
        #expect(told.errors == wanted ?? "", "\(command): \(told.errors)")
      }
    }
  }

  /// Covariates beyond the end of each series are read as those of the exported graph; a series that has too few is told.
  @Test func covariatesOfTheFuture() throws {
    try TemporaryFolder.use { folder in
      var table = "shop,day,y,price\n"
      for (shop, future) in [("a", 4), ("b", 2), ("c", 6)] {
        for day in 0..<(20 + future) {
          let value = day < 20 ? "\(10 + day * 3 % 7)" : ""
          table += "\(shop),2026-01-\(day < 9 ? "0" : "")\(day + 1),\(value),\(Double(day * 5 % 9) / 2)\n"
        }
      }
      let told = try Self.train(
        table, ["--inputs", "y", "--covariates", "price", "--time", "day", "--group", "shop"],
        keys: "covariates: [covariates]", in: folder)
      #expect(
        told.contains("kept 12 rows of covariates alone at the end of 3 series, to forecast y\n"), "\(told)")
      try Command.succeed("export", "run", "--to", "onnx", "model.onnx", in: folder)
      let predicted = try Command.succeed(
        "predict", "run", "--split", "train", "--output", "p.csv", in: folder)
      #expect(
        predicted.hasSuffix(
          "\nnot forecast: what follows 1 of 3 series, as covariates of the next 4 steps are missing; end the table with"
            + " rows of covariates alone\n"), "\(predicted)")
      try Data(try Command.succeed("forecast", "run", "--split", "train", "--json", in: folder).utf8)
        .write(to: folder.appending(path: "f.json"))
      // Each series can be named; its steps are counted from its own beginning.
      for (name, origin) in [("a", 20), ("b", 12)] {
        let named = try Command.succeed(
          "forecast", "run", "--split", "train", "--series", name, "--origin", "\(origin)", "--json",
          in: folder)
        try Data(named.utf8).write(to: folder.appending(path: "\(name).json"))
      }
      for (options, complaint) in [
        (["--series", "d"], "data.h5: group /train: has no series 'd'"),
        (["--series", "b"], "covariates end at step 42, but a forecast from step 40 needs them up to 44"),
        (["--series", "a", "--origin", "21"], "the series 'a' has 20, so --origin must be between 8 and 20"),
      ] {
        let refused = try Command.run(["forecast", "run", "--split", "train"] + options, in: folder)
        #expect(refused.errors.contains(complaint), "\(refused.errors)")
      }
      try Command.succeed("data", "check", "--config", "train.yaml", in: folder)
      try Self.check(
        #"""
        import onnxruntime
        session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
        table, rows = list(csv.DictReader(open("t.csv"))), list(csv.DictReader(open("p.csv")))
        assert list(rows[0])[:7] == ["series", "origin", "step", "ahead", "time", "name", "y"], list(rows[0])
        ends = {row["name"]: [] for row in rows}
        assert list(ends) == ["a", "b", "c"]
        for row in rows:
            own = [line for line in table if line["shop"] == row["name"]]
            origin, ahead = int(row["origin"]), int(row["ahead"])
            assert row["time"] == own[origin + ahead - 1]["day"]
            steps = [[float(own[step]["y"])] + [float(own[step + 1 + k]["price"]) for k in range(4)]
                     for step in range(origin - 8, origin)]
            wanted = session.run(None, {session.get_inputs()[0].name: numpy.array([steps], "float32")})[0].reshape(-1)
            assert abs(wanted[ahead - 1] - float(row["y"])) < 1e-4, (row, wanted)
            if origin == 20:
                ends[row["name"]].append(float(row["y"]))
        assert {name: len(found) for name, found in ends.items()} == {"a": 4, "b": 0, "c": 4}
        told = json.load(open("f.json"))
        assert told["series"] == "c" and told["time"] == ["2026-01-21", "2026-01-22", "2026-01-23", "2026-01-24"]
        assert abs(numpy.array(told["median"])[:, 0] - ends["c"]).max() < 1e-4
        for name, origin in [("a", 20), ("b", 12)]:
            told = json.load(open(name + ".json"))
            own = [row for row in rows if row["name"] == name and int(row["origin"]) == origin]
            assert told["series"] == name and told["origin"] == origin and len(own) == 4
            assert told["time"] == [row["time"] for row in own]
            assert abs(numpy.array(told["median"])[:, 0] - [float(row["y"]) for row in own]).max() < 1e-4
        """#, in: folder)
    }
  }

  /// Anomalies and scores have the times of their steps.
  @Test func timesOfAnomalies() throws {
    try TemporaryFolder.use { folder in
      let rows = (0..<100).map {
        "2026-03-\(10 + $0 / 24)T\($0 % 24 < 10 ? "0" : "")\($0 % 24):30,\($0 * 7 % 5)\n"
      }
      try Data(("t,y\n" + rows.joined()).utf8).write(to: folder.appending(path: "t.csv"))
      try Command.succeed(
        "data", "table", "t.csv", "--inputs", "y", "--time", "t", "--split", "0.5,0.2,0.3", "--output",
        "data.h5",
        in: folder)
      let text = """
        data: {file: data.h5, window: 8, standardize: true}
        model: {cell: lstm, hidden: 4}
        loss: {kind: gaussian}
        training: {batch: 4, steps: 4, evaluate_every: 4}

        """
      try Data(text.utf8).write(to: folder.appending(path: "train.yaml"))
      try Command.succeed("train", "train.yaml", "--output", "run", in: folder)
      try Command.succeed("predict", "run", "--outputs", "scores", "--output", "s.csv", in: folder)
      let found = try Command.succeed("detect", "run", "--quantile", "0.5", "--json", in: folder)
      try Data(found.utf8).write(to: folder.appending(path: "d.json"))
      let told = try Command.succeed("detect", "run", "--quantile", "0.5", in: folder)
      #expect(
        told.split(separator: "\n")[0].split(separator: " ") == ["first", "last", "from", "to", "score"])
      try Self.check(
        #"""
        truth = [row["t"] + ":00" for row in list(csv.DictReader(open("t.csv")))[70:]]
        rows, spans = list(csv.DictReader(open("s.csv"))), json.load(open("d.json"))["spans"]
        assert list(rows[0])[:3] == ["step", "time", "score"] and len(rows) >= 29 and len(spans) > 1
        for row in rows:
            assert row["time"] == truth[int(row["step"])]
        for span in spans:
            assert span["first_time"] == truth[span["first"]] and span["last_time"] == truth[span["last"]]
        """#, in: folder)
    }
  }

  /// The same of one series, whose forecasts are fed back.
  @Test func covariatesOfTheFutureOfOneSeries() throws {
    try TemporaryFolder.use { folder in
      let rows = (0..<46).map { "\($0 < 40 ? "\(10 + $0 * 3 % 7)" : ""),\(Double($0 * 5 % 9) / 2)\n" }
      _ = try Self.train(
        "y,price\n" + rows.joined(), ["--inputs", "y", "--covariates", "price"],
        keys: "covariates: [covariates], known_ahead: 1", in: folder)
      let refused = try Command.run("forecast", "run", "--split", "train", "--origin", "40", in: folder)
      #expect(refused.status == 0, "\(refused.errors)")
      let text = Self.configuration.replacing("last-step", with: "every-step").replacing(
        "LOSS", with: "absolute-error"
      )
      .replacing("KEYS", with: "covariates: [covariates]")
      try Data(text.utf8).write(to: folder.appending(path: "fed.yaml"))
      try Command.succeed("train", "fed.yaml", "--output", "fed", in: folder)
      let six = try Command.succeed(
        "forecast", "fed", "--split", "train", "--horizon", "6", "--json", in: folder)
      let report = try #require(try JSONSerialization.jsonObject(with: Data(six.utf8)) as? [String: Any])
      #expect((report["median"] as? [[Double]])?.count == 6 && report["time"] == nil)
      let seven = try Command.run("forecast", "fed", "--split", "train", "--horizon", "7", in: folder)
      #expect(
        seven.errors.contains(
          "covariates end at step 46, but a forecast from step 40 needs them up to 47; use an earlier --origin, or end the"
            + " table with rows of covariates alone, which weft data table keeps"), "\(seven.errors)")
    }
  }
}

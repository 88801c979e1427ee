import Foundation
import HDF5
import TestSupport
import Testing

/// `weft tune` and `weft runs`.
@Suite struct TuneTests {
  private static let halving = """
    configuration: small.yaml
    set: [training.evaluate_every=2, model.dropout=0]
    search: halving
    trials: 6
    minimum_steps: 3
    factor: 2
    seed: 5
    parameters:
      model.hidden: [4, 8]
      optimizer.learning_rate: {from: 0.001, to: 0.1, scale: log}

    """

  private static func write(_ text: String, in folder: URL) throws {
    try Data(text.utf8).write(to: folder.appending(path: "sweep.yaml"))
  }

  private static func lines(_ path: String, in folder: URL) throws -> [[String: Any]] {
    try String(decoding: SmallRun.contents(folder, path), as: UTF8.self).split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  private static func tune(_ arguments: String..., in folder: URL) throws -> [String: Any] {
    let result = try Command.run(["tune", "sweep.yaml", "--json"] + arguments, in: folder)
    #expect(result.status == 0, "\(result.errors)")
    return try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
  }

  @Test func grids() throws {
    try SmallRun.withFolder { folder in
      try Self.write(
        """
        configuration: small.yaml
        set: training.steps=4
        seeds: 2
        parameters:
          model.cell: [gru, lstm]
          model.hidden: [4, 6, 8]

        """, in: folder)
      let report = try Self.tune("--output", "sweep", in: folder)
      let trials = try #require(report["trials"] as? [[String: Any]])
      #expect(trials.count == 6 && Set(trials.compactMap { $0["trial"] as? Int }) == Set(1...6))
      let fifth = try #require(trials.first { $0["trial"] as? Int == 5 })
      #expect(fifth["values"] as? [String: String] == ["model.cell": "lstm", "model.hidden": "6"])
      let values = trials.compactMap { $0["value"] as? Double }
      #expect(values == values.sorted())
      let seeds = try #require(fifth["seeds"] as? [Double])
      #expect(
        abs((fifth["value"] as? Double ?? 0) - (seeds[0] + seeds[1]) / 2) < 1e-12 && seeds[0] != seeds[1])
      // A trial is what train makes.
      let plain = try Command.run(
        "train", "small.yaml", "--output", "plain", "--set", "training.steps=4", "--set", "model.cell=lstm",
        "--set", "model.hidden=6", "--set", "training.seed=2", in: folder)
      #expect(plain.status == 0)
      #expect(
        try SmallRun.contents(folder, "sweep/trial-005-seed-2/metrics.jsonl")
          == SmallRun.contents(folder, "plain/metrics.jsonl"))
      #expect(try SmallRun.contents(folder, "sweep/report.html").count > 10000)

      let listed = try Command.run("runs", "sweep", "--csv", "--sort", "loss", in: folder)
      let rows = listed.output.split(separator: "\n").map { $0.split(separator: ",") }
      #expect(rows.count == 13 && rows[0].prefix(3) == ["run", "step", "model.cell"])
      #expect(rows[0].contains("model.hidden") && rows[0].contains("training.seed"))
      let losses = rows.dropFirst().compactMap { Double($0[rows[0].firstIndex(of: "loss") ?? 0]) }
      #expect(losses.count == 12 && losses == losses.sorted())
      let object = try Command.run("runs", "sweep", "plain", "--json", in: folder)
      #expect(object.output.split(separator: "\n").count == 13)
    }
  }

  /// The better ones of each round go on, and the last has the bits of a run that never paused.
  @Test func halvings() throws {
    try SmallRun.withFolder { folder in
      try Self.write(Self.halving, in: folder)
      let report = try Self.tune("--output", "sweep", in: folder)
      let records = try Self.lines("sweep/trials.jsonl", in: folder)
      // 6 trials of 3 steps, 3 of 6, and 2 of all 12.
      #expect(records.filter { $0["until"] as? Int == 3 }.count == 6)
      #expect(records.filter { $0["until"] as? Int == 6 }.count == 3 && records.count == 11)
      let first = records.filter { $0["until"] as? Int == 3 }
        .sorted { ($0["value"] as? Double ?? 9) < ($1["value"] as? Double ?? 9) }
      #expect(
        Set(first.prefix(3).compactMap { $0["trial"] as? Int })
          == Set(records.filter { $0["until"] as? Int == 6 }.compactMap { $0["trial"] as? Int }))
      let trials = try #require(report["trials"] as? [[String: Any]])
      let best = try #require(trials[0]["values"] as? [String: String])
      let run = try #require(report["best"] as? String)
      let plain = try Command.run(
        [
          "train", "small.yaml", "--output", "plain", "--set", "training.evaluate_every=2", "--set",
          "model.dropout=0",
        ] + best.flatMap { ["--set", "\($0.key)=\($0.value)"] }, in: folder)
      #expect(plain.status == 0)
      #expect(
        try SmallRun.contents(folder, "\(run)/metrics.jsonl")
          == SmallRun.contents(folder, "plain/metrics.jsonl"))
    }
  }

  @Test("Rounds of runs whose length is in epochs end with the last epoch") func halvingOfEpochs() throws {
    try SmallRun.withFolder { folder in
      let epochs = "set: [training.steps=null, training.epochs=1, training.evaluate_every=2,"
      try Self.write(
        Self.halving.replacing("set: [training.evaluate_every=2,", with: epochs), in: folder)
      _ = try Self.tune("--output", "sweep", in: folder)
      let records = try Self.lines("sweep/trials.jsonl", in: folder)
      #expect(records.filter { $0["until"] as? Int == 6 }.count == 3 && records.count == 11)
      let steps = try Self.lines("sweep/trial-001/metrics.jsonl", in: folder).compactMap {
        $0["step"] as? Int
      }
      #expect((steps.max() ?? 0) <= 10, "an epoch has ten steps")
      // Without evaluations in between, the first round would have none.
      try Self.write(
        Self.halving.replacing("training.evaluate_every=2,", with: "training.evaluate_every=0,"), in: folder)
      let refused = try Command.run("tune", "sweep.yaml", "--output", "other", in: folder)
      #expect(
        refused.errors
          == "weft: error: sweep.yaml: minimum_steps: the first round of 3 steps has no evaluation;"
          + " set training.evaluate_every to at most that, as an epoch has 10\n", "\(refused.errors)")
    }
  }

  /// A search that was killed goes on with the same command, to the same end.
  @Test func killedSearchesGoOn() throws {
    try SmallRun.withFolder { folder in
      try Self.write(Self.halving, in: folder)
      let whole = try Self.tune("--output", "whole", in: folder)
      let process = Process()
      process.executableURL = Command.program
      process.arguments = ["tune", "sweep.yaml", "--output", "parts", "--parallel", "1"]
      process.currentDirectoryURL = folder
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      let path = folder.appending(path: "parts/trials.jsonl").path
      while process.isRunning, !FileManager.default.fileExists(atPath: path) { usleep(2000) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let before = try Self.lines("parts/trials.jsonl", in: folder).count
      #expect(before < 11)
      let parts = try Self.tune("--output", "parts", in: folder)
      func values(_ report: [String: Any]) -> [Int: Double] {
        let trials = report["trials"] as? [[String: Any]] ?? []
        return Dictionary(
          trials.map { ($0["trial"] as? Int ?? 0, $0["value"] as? Double ?? .nan) }
        ) { $1 }
      }
      #expect(values(parts) == values(whole) && values(whole).count == 6, "\(parts)")
      // More trials are the same and further ones; another search is refused.
      try Self.write(Self.halving.replacing("trials: 6", with: "trials: 7"), in: folder)
      #expect((try Self.tune("--output", "parts", in: folder)["trials"] as? [Any])?.count == 7)
      try Self.write(Self.halving.replacing("seed: 5", with: "seed: 6"), in: folder)
      let other = try Command.run("tune", "sweep.yaml", "--output", "parts", in: folder)
      #expect(
        other.status == 1
          && other.errors == "weft: error: parts: contains another search; name another --output\n")
    }
  }

  /// A trial that fails is told, and the others count.
  @Test func failures() throws {
    try SmallRun.withFolder { folder in
      try Self.write(
        """
        configuration: small.yaml
        set: [training.steps=4, training.evaluate_every=2]
        parameters:
          loss.class_weights: [balanced, [1, 2]]

        """, in: folder)
      let result = try Command.run("tune", "sweep.yaml", "--output", "sweep", in: folder)
      #expect(result.status == 0)
      #expect(
        result.output.contains(
          "trial 2 failed: loss.class_weights: has 2 weights, but there are 9 classes"))
      #expect(result.output.hasSuffix("best: sweep/trial-001\n"))
    }
  }

  @Test func combinationsThatExcludeEachOtherFailAlone() throws {
    try SmallRun.withFolder { folder in
      try Self.write(
        "configuration: small.yaml\nset: [training.steps=4]\n"
          + "parameters: {model.tie_weights: [true, false, false], loss.label_smoothing: [0, 0]}\n",
        in: folder)
      let result = try Command.run("tune", "sweep.yaml", "--output", "sweep", "--json", in: folder)
      let report = try #require(
        try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any], "\(result.errors)"
      )
      let trials = try #require(report["trials"] as? [[String: Any]])
      // A value that is listed twice is tried once.
      #expect(trials.count == 2 && trials.count { $0["failure"] is String } == 1, "\(result.output)")
    }
  }

  @Test func randomTrialsDiffer() throws {
    try SmallRun.withFolder { folder in
      try Self.write(
        "configuration: small.yaml\nsearch: random\ntrials: 9\nset: [training.steps=4]\n"
          + "parameters: {model.dropout: [0, 0.1], model.hidden: [4, 5]}\n", in: folder)
      let result = try Command.run("tune", "sweep.yaml", "--output", "sweep", "--json", in: folder)
      let report = try #require(
        try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any], "\(result.errors)"
      )
      let trials = try #require(report["trials"] as? [[String: Any]])
      #expect(trials.count == 4 && Set(trials.map { "\($0["values"] ?? "")" }).count == 4)
    }
  }

  @Test(arguments: [
    (
      "parameters: {model.hiden: [1]}", 1 as Int32,
      "sweep.yaml: trial 1: --set: model.hiden: unknown key; did you mean 'hidden'?"
    ),
    (
      "parameters: {model.dropout: {from: 0, to: 0.5}}", 1,
      "sweep.yaml:2: parameters: must be lists with 'search: grid'; a range needs 'random' or 'halving'"
    ),
    (
      "parameters: {model.dropout: {from: 0.5, to: 0}}", 1,
      "sweep.yaml:2: parameters: model.dropout: a range needs 'from' below 'to'"
    ),
    (
      "search: random\nparameters: {model.dropout: {from: 0, to: 1, scale: log}}", 1,
      "sweep.yaml:3: parameters: model.dropout: a logarithmic range must start above 0"
    ),
    (
      "parameters: {training.seed: [1, 2]}", 1,
      "sweep.yaml:2: parameters: must not contain 'training.seed'; use 'seeds'"
    ),
    (
      "parameters: {training.metric: [loss, accuracy]}", 1,
      "sweep.yaml:2: parameters: must not contain 'training.metric', by which trials are compared; use 'set'"
    ),
    ("serch: grid", 1, "sweep.yaml:2: serch: unknown key; did you mean 'search'?"),
    (
      "set: [training.evaluate_every=50]\nsearch: halving\nminimum_steps: 4\nparameters: {model.dropout: [0, 0.1]}",
      1,
      "sweep.yaml: minimum_steps: the first round of 4 steps has no evaluation; set training.evaluate_every to at most"
        + " that, not 50"
    ),
  ])
  func mistakesAreOneLine(text: String, status: Int32, message: String) throws {
    try SmallRun.withFolder { folder in
      try Self.write("configuration: small.yaml\n\(text)\n", in: folder)
      let result = try Command.run("tune", "sweep.yaml", "--output", "sweep", in: folder)
      #expect(result.status == status && result.errors == "weft: error: \(message)\n", "\(result.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "sweep/trial-001").path))
    }
  }
}

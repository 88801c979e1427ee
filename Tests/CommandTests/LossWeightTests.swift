import Foundation
import HDF5
import TestSupport
import Testing
import WeftData
import WeftTasks

/// Weights of classes, labels, sequences and steps, compared with their definitions in NumPy: the loss of a first step
/// from the predictions of the weights before it, which a vanishing learning rate leaves as they are.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct LossWeightTests {
  private static let data = #"""
    import h5py, numpy
    random = numpy.random.default_rng(3)
    with h5py.File("data.h5", "w") as file:
        lengths = random.integers(1, 7, 24)
        offsets = numpy.concatenate([[0], numpy.cumsum(lengths)])
        group = file.create_group("train")
        group["inputs"] = random.normal(size=(offsets[-1], 3)).astype("float32")
        group["offsets"] = offsets
        group["class"] = random.choice(3, 24, p=[0.7, 0.2, 0.1])
        group["labels"] = (random.random((24, 2)) < [0.1, 0.6]).astype("float32")
        group["steps"] = random.choice(3, offsets[-1], p=[0.7, 0.2, 0.1])
        group["weights"] = random.random(24).astype("float32")
        group["step_weights"] = random.random(offsets[-1]).astype("float32")
        group["counts"] = random.poisson(3, (24, 1)).astype("float32")
        group["amounts"] = (random.gamma(2, 3, (24, 1)) * (random.random((24, 1)) < 0.4)).astype("float32")
        group["chances"] = numpy.where(numpy.arange(24) % 3 == 0, 0, numpy.arange(24) % 5 + 0.5)
    """#

  /// `w` is the weight of each target, `p` the probabilities, `t` the targets.
  private static let program = #"""
    import json, sys, h5py, numpy
    targets, weights, expression = sys.argv[1:]
    loss = json.loads(open("run/metrics.jsonl").readline())["loss"]
    with h5py.File("data.h5") as data, h5py.File("p.h5") as found:
        t = data["train/" + targets][:]
        w = data["train/" + weights][:].astype(float) if weights else numpy.ones(len(t))
        p = found["probabilities" if "probabilities" in found else "predictions"][:].astype(float)
    counts = numpy.bincount(t) if t.ndim == 1 else None
    n = numpy.arange(len(t))
    wanted = eval(expression)
    assert abs(loss - wanted) < 2e-6 * abs(wanted) + 1e-7, (loss, wanted)
    """#

  static let cases: [(loss: String, data: String, output: String, program: [String])] = [
    (
      "{class_weights: [0.5, 2, 7]}", "targets: class", "last-step",
      ["class", "", "(-numpy.log(p[n, t]) * numpy.array([0.5, 2, 7])[t]).mean()"]
    ),
    (
      "{class_weights: balanced}", "targets: class", "last-step",
      ["class", "", "(-numpy.log(p[n, t]) * (len(t) / (3 * counts))[t]).mean()"]
    ),
    (
      "{class_weights: balanced, focal_gamma: 2}", "targets: steps", "every-step",
      ["steps", "", "(-numpy.log(p[n, t]) * (1 - p[n, t]) ** 2 * (len(t) / (3 * counts))[t]).mean()"]
    ),
    (
      "{focal_gamma: 0.5}", "targets: class, weights: weights", "last-step",
      ["class", "weights", "(-numpy.log(p[n, t]) * (1 - p[n, t]) ** 0.5 * w).mean()"]
    ),
    (
      "{kind: cross-entropy}", "targets: steps, weights: step_weights", "every-step",
      ["steps", "step_weights", "(-numpy.log(p[n, t]) * w).mean()"]
    ),
    (
      "{kind: tweedie, tweedie_power: 1.3}", "targets: amounts, weights: weights", "last-step",
      ["amounts", "weights", "(w[:, None] * (p ** 0.7 / 0.7 + t * p ** -0.3 / 0.3)).mean()"]
    ),
    (
      "{kind: binary-cross-entropy, positive_weight: balanced}", "targets: labels", "last-step",
      ["labels", "", "(-t * numpy.log(p) * (1 - t).sum(0) / t.sum(0) - (1 - t) * numpy.log(1 - p)).mean()"]
    ),
    (
      "{kind: binary-cross-entropy, positive_weight: [3, 0.5], focal_gamma: 2}",
      "targets: labels, weights: weights", "last-step",
      [
        "labels", "weights",
        "(w[:, None] * (-t * numpy.log(p) * [3, 0.5] * (1 - p) ** 2 - (1 - t) * numpy.log(1 - p) * p ** 2)).mean()",
      ]
    ),
  ]

  @Test(arguments: cases)
  func lossOfAStep(test: (loss: String, data: String, output: String, program: [String])) throws {
    try Self.withRun(test.loss, data: test.data, output: test.output) { folder in
      let predicted = try Command.run(
        "predict", "run", "--split", "train", "--output", "p.h5", in: folder)
      #expect(predicted.status == 0, "\(predicted.errors)")
      let result = try Python.run(
        Self.program, test.program[0], test.program[1], test.program[2], in: folder)
      #expect(result.status == 0, "\(test): \(result.output)")
    }
  }

  /// The weights count in training alone, and in the same bits for any number of threads.
  @Test func evaluationsAreNotWeightedAndBitsStay() throws {
    try Self.withRun("{class_weights: [0, 0, 9]}", data: "targets: class, weights: weights", output: "mean") {
      folder in
      let own = try Command.run("evaluate", "run", "--split", "train", "--json", in: folder)
      try Self.train("{kind: cross-entropy}", data: "targets: class", output: "mean", "plain", in: folder)
      let plain = try Command.run("evaluate", "plain", "--split", "train", "--json", in: folder)
      func loss(_ result: Command.Result) throws -> Double {
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        return try #require(object?["loss"] as? Double)
      }
      #expect(try loss(own) == loss(plain))
      for threads in ["1", "3"] {
        try Self.train(
          "{class_weights: balanced, focal_gamma: 1.5}", data: "targets: class, weights: weights",
          output: "mean", "run\(threads)", rate: "0.01", "--threads", threads, in: folder)
      }
      #expect(
        try SmallRun.contents(folder, "run1/metrics.jsonl") == SmallRun.contents(folder, "run3/metrics.jsonl")
      )
    }
  }

  /// The sequences of the minibatches of many epochs, from the numbers of the first feature.
  @Test func sequencesAreDrawnByClassOrWeight() throws {
    try TemporaryFolder.use { folder in
      let made = try Python.run(Self.data, in: folder)
      #expect(made.status == 0, "\(made.output)")
      let path = folder.appending(path: "data.h5").path
      let file = try File(opening: path)
      let classes = try file.dataset("train/class").read(as: Int32.self).map(Int.init)
      let chances = try file.dataset("train/chances").read(as: Double.self)
      try file.close()
      for sampling in ["balanced", "chances"] {
        var configuration = Configuration()
        configuration.data.file = path
        configuration.data.targets = "class"
        configuration.data.sampling = sampling
        configuration.model.output = .lastStep
        configuration.training.batch = 7
        var counts = [Double](repeating: 0, count: 24)
        let source = try DatasetFile(configuration).batches(split: "train", shuffles: true)
        #expect(source.batchesPerEpoch == 4)
        for epoch in 0..<500 {
          for index in 0..<4 {
            for number in try #require(source.sequences(epoch: epoch, index: index)) { counts[number] += 1 }
          }
        }
        let perClass = classes.reduce(into: [Int: Double]()) { $0[$1, default: 0] += 1 }
        let weights = sampling == "chances" ? chances : classes.map { 1 / perClass[$0]! }
        let total = weights.reduce(0, +)
        // A chi-square of 23 degrees of freedom exceeds 60 once in 30000.
        let chiSquare = zip(counts, weights).reduce(0) { sum, pair in
          let expected = 12000 * pair.1 / total
          return expected == 0
            ? sum + (pair.0 == 0 ? 0 : 1e9) : sum + (pair.0 - expected) * (pair.0 - expected) / expected
        }
        #expect(chiSquare < 60, "\(sampling): \(counts)")
        // Evaluations visit each sequence once.
        let whole = try DatasetFile(configuration).batches(split: "train", shuffles: false)
        let visited = try (0..<4).flatMap { try #require(whole.sequences(epoch: 0, index: $0)) }
        #expect(visited.sorted() == Array(0..<24))
      }
    }
  }

  @Test func drawsAreTheSameForThreadsAndAfterResuming() throws {
    try TemporaryFolder.use { folder in
      _ = try Python.run(Self.data, in: folder)
      let data = "targets: class, sampling: balanced, bucket_minibatches: 2"
      for (run, arguments) in [
        ("a", ["--threads", "1"]), ("b", ["--threads", "3", "--until-step", "5"]), ("b", ["--resume"]),
      ] {
        let result = try Self.command(
          "{kind: cross-entropy}", data: data, output: "mean", run, rate: "0.01", steps: 9, arguments,
          in: folder)
        #expect(result.status == 0, "\(result.errors)")
      }
      #expect(
        try SmallRun.contents(folder, "a/metrics.jsonl") == SmallRun.contents(folder, "b/metrics.jsonl"))
    }
  }

  /// A file without any of the splits is not left out silently.
  @Test func filesWithoutSplitsAreTold() throws {
    try TemporaryFolder.use { folder in
      let made = try Python.run(
        Self.data + "\nimport shutil\nshutil.copy('data.h5', 'data2.h5')\n"
          + "with h5py.File('data3.h5', 'w') as file: file['foo/inputs'] = [[1.0]]\n", in: folder)
      #expect(made.status == 0, "\(made.output)")
      for (files, isRight) in [("data.h5, data2.h5", true), ("data.h5, data3.h5", false)] {
        try Data(
          """
          data: {files: [\(files)], targets: class}
          model: {cell: gru, hidden: 5, output: mean}
          training: {batch: 24, steps: 1}

          """.utf8
        ).write(to: folder.appending(path: "train.yaml"))
        let result = try Command.run("train", "train.yaml", "--output", "run", in: folder)
        #expect(
          isRight
            ? result.status == 0
            : result.status == 1
              && result.errors.contains("data3.h5: has none of the splits train, validation, test"),
          "\(result.errors)")
      }
    }
  }

  /// Weights and chances are found as inputs are, by paths from the root and for the training split alone.
  @Test func pathsFromTheRootAreWeights() throws {
    try TemporaryFolder.use { folder in
      _ = try Python.run(Self.data, in: folder)
      let named = "inputs: ['/{split}/inputs'], offsets: '/{split}/offsets', targets: '/{split}/class'"
      for (key, name) in [("weights", "weights"), ("sampling", "chances")] {
        for (run, data) in [
          ("group", "targets: class, \(key): \(name)"), ("root", "\(named), \(key): '/{split}/\(name)'"),
          ("without", "targets: class"),
        ] {
          try Self.train("{kind: cross-entropy}", data: data, output: "mean", "\(key)-\(run)", in: folder)
        }
        let metrics = try ["group", "root", "without"].map { run in
          try SmallRun.contents(folder, "\(key)-\(run)/metrics.jsonl")
        }
        #expect(metrics[0] == metrics[1] && metrics[0] != metrics[2])
        let missing = try Self.command(
          "{kind: cross-entropy}", data: "\(named), \(key): /nope", output: "mean", "missing", in: folder)
        #expect(missing.status == 1 && missing.errors.contains("nope"), "\(missing.errors)")
        let bad = try Python.run(
          """
          import h5py
          with h5py.File("data.h5", "a") as file:
              values = file["train/\(name)"][:]
              values[5] = -1
              file["train/\(name)_bad"] = values
          """, in: folder)
        #expect(bad.status == 0, "\(bad.output)")
        _ = try Self.command(
          "{kind: cross-entropy}", data: "targets: class, \(key): \(name)_bad", output: "mean", "bad",
          in: folder)
        let checked = try Command.run("data", "check", "data.h5", "--config", "train.yaml", in: folder)
        #expect(
          checked.status == 1 && checked.output.contains("\(name)_bad"), "\(checked.output)\(checked.errors)")
      }
    }
  }

  @Test func refusals() throws {
    let cases = [
      (
        "{class_weights: [1, 2]}", "targets: class",
        "loss.class_weights: has 2 weights, but there are 3 classes"
      ),
      (
        "{kind: squared-error, class_weights: balanced}", "targets: counts",
        "train.yaml:4: loss.class_weights: needs 'kind: cross-entropy'"
      ),
      (
        "{class_weights: heavy}", "targets: class",
        "train.yaml:4: loss.class_weights: expected 'balanced', a number, or a list of numbers"
      ),
      (
        "{class_weights: [1, -2, 1]}", "targets: class",
        "train.yaml:4: loss.class_weights: weights must be at least 0"
      ),
      (
        "{class_weights: [0, 0, 0]}", "targets: class",
        "train.yaml:4: loss.class_weights: at least one weight must be above 0"
      ),
      (
        "{kind: tweedie, tweedie_power: 2}", "targets: amounts",
        "train.yaml:4: loss.tweedie_power: must be above 1 and below 2, found 2"
      ),
      (
        "{kind: tweedie}", "targets: labels, sampling: balanced",
        "data.h5: group /train: data.sampling: balanced needs one class for each sequence; name a dataset of weights"
      ),
      (
        "{kind: cross-entropy}", "targets: class, sampling: step_weights",
        "data.h5: dataset /train/step_weights: has the shape [72]; weights need one number for each sequence, in the"
          + " shape [24]"
      ),
      (
        "{kind: cross-entropy}", "targets: class, sampling: balanced, shuffle: false",
        "train.yaml:1: data.sampling: needs 'data.shuffle: true'"
      ),
      (
        "{kind: cross-entropy}", "targets: class, weights: step_weights",
        "data.h5: dataset /train/step_weights: has the shape [72]; weights need one number for each target, in"
          + " the shape [24]"
      ),
    ]
    for (loss, data, message) in cases {
      try TemporaryFolder.use { folder in
        _ = try Python.run(Self.data, in: folder)
        let result = try Self.command(loss, data: data, output: "last-step", "run", in: folder)
        #expect(result.status == 1)
        let text = result.errors.split(separator: "\n").last ?? ""
        #expect(text == "weft: error: \(message)" || text.contains(message), "\(result.errors)")
      }
    }
  }

  /// Counts are forecast as distributions of counts, unscaled, with their mean.
  @Test(arguments: ["poisson", "negative-binomial"])
  func countsHaveTheirMean(kind: String) throws {
    try Self.withRun(
      "{kind: \(kind)}", data: "targets: counts, standardize: true", output: "mean", rate: "0.03", steps: 150
    ) { folder in
      let predicted = try Command.run("predict", "run", "--split", "train", "--output", "p.h5", in: folder)
      #expect(predicted.status == 0, "\(predicted.errors)")
      let result = try Python.run(
        #"""
        import h5py
        with h5py.File("data.h5") as data, h5py.File("p.h5") as found:
            counts, median, quantiles = data["train/counts"][:], found["median"][:], found["quantiles"][:]
            assert (found["targets"][:] == counts).all()
            assert (median == median.round()).all() and (quantiles == quantiles.round()).all()
            assert abs(median.mean() - counts.mean()) < 0.6, (median.mean(), counts.mean())
            inside = (quantiles[:, 0] <= counts) & (counts <= quantiles[:, -1])
            assert inside.mean() > 0.85, inside.mean()
        """#, in: folder)
      #expect(result.status == 0, "\(result.output)")
    }
  }

  private static func withRun(
    _ loss: String, data: String, output: String, rate: String = "1.0e-30", steps: Int = 1,
    _ body: (URL) throws -> Void
  ) throws {
    try TemporaryFolder.use { folder in
      let made = try Python.run(Self.data, in: folder)
      #expect(made.status == 0, "\(made.output)")
      try train(loss, data: data, output: output, "run", rate: rate, steps: steps, in: folder)
      try body(folder)
    }
  }

  private static func train(
    _ loss: String, data: String, output: String, _ run: String, rate: String = "1.0e-30", steps: Int = 1,
    _ arguments: String..., in folder: URL
  ) throws {
    let result = try command(
      loss, data: data, output: output, run, rate: rate, steps: steps, arguments, in: folder)
    #expect(result.status == 0, "\(result.errors)")
  }

  private static func command(
    _ loss: String, data: String, output: String, _ run: String, rate: String = "1.0e-30", steps: Int = 1,
    _ arguments: [String] = [], in folder: URL
  ) throws -> Command.Result {
    try Data(
      """
      data: {file: data.h5, \(data)}
      model: {cell: gru, hidden: 5, output: \(output)}
      optimizer: {learning_rate: \(rate)}
      loss: \(loss)
      training: {batch: 24, lanes: 4, steps: \(steps), log_every: 1, evaluate_every: 0}

      """.utf8
    ).write(to: folder.appending(path: "train.yaml"))
    return try Command.run(["train", "train.yaml", "--output", run] + arguments, in: folder)
  }
}

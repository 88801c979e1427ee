import Foundation
import HDF5
import TestSupport
import Testing

/// Taggers with a conditional random field, whose labels depend on their neighbours more than on the inputs.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct RandomFieldTests {
  /// Noisy inputs of a Markov chain of labels 0 → 1 → 2 → 0 that mostly stay.
  private static let data = #"""
    import h5py, numpy
    random = numpy.random.default_rng(5)
    def chain(length):
        labels = [random.integers(3)]
        while len(labels) < length:
            labels.append(labels[-1] if random.random() < 0.9 else (labels[-1] + 1) % 3)
        return numpy.array(labels)
    with h5py.File("tags.h5", "w") as file:
        for split, count in [("train", 160), ("test", 60)]:
            lengths = random.integers(5, 40, count)
            labels = numpy.concatenate([chain(n) for n in lengths])
            inputs = numpy.eye(3)[labels] + 1.2 * random.normal(size=(len(labels), 3))
            group = file.create_group(split)
            group["inputs"] = inputs.astype("float32")
            group["offsets"] = numpy.concatenate([[0], numpy.cumsum(lengths)])
            group["targets"] = labels
    """#

  /// A model that sees one step at a time: only transitions tell it of the others.
  private static let configuration = """
    data: {file: tags.h5, split: {validation: test}}
    model: {blocks: [{dense: 8, activation: tanh}], crf: CRF}
    training: {batch: 16, steps: 300, evaluate_every: 300, log_every: 100}
    optimizer: {learning_rate: 0.02}

    """

  private static func withData(_ body: (URL) throws -> Void) throws {
    try TemporaryFolder.use { folder in
      let made = try Python.run(data, in: folder)
      #expect(made.status == 0, "\(made.output)")
      for (name, value) in [("crf", "true"), ("plain", "false")] {
        try Data(configuration.replacing("CRF", with: value).utf8).write(
          to: folder.appending(path: "\(name).yaml"))
      }
      try body(folder)
    }
  }

  @Test("Transitions help, and predictions are the paths that NumPy finds")
  func predictions() throws {
    try Self.withData { folder in
      try Command.succeed("train", "crf.yaml", "--output", "crf", in: folder)
      try Command.succeed("train", "plain.yaml", "--output", "plain", in: folder)
      for run in ["crf", "plain"] {
        try Command.succeed("predict", run, "--split", "test", "--output", "\(run).h5", in: folder)
        try Command.succeed("evaluate", run, "--split", "test", "--json", in: folder)
      }
      // The forward-backward recursions and Viterbi's over the outputs of the dense layers, in double precision.
      let result = try Python.run(
        #"""
        import glob, json, subprocess, sys, h5py, numpy
        weights = {}
        with h5py.File(sorted(glob.glob("crf/best*.h5") or glob.glob("crf/checkpoint*.h5"))[-1]) as file:
            file["weights"].visititems(
                lambda name, item: weights.__setitem__(name, item[:].astype(float)) if hasattr(item, "shape") else None)
        def weight(end):
            return next(value for name, value in weights.items() if name.endswith(end))
        hidden = [value for name, value in weights.items() if not name.startswith("output")]
        matrix = next(value for value in hidden if value.ndim == 2)
        bias = next(value for value in hidden if value.ndim == 1)
        transitions = weight("output/transitions")
        A, first, last = transitions[:-2], transitions[-2], transitions[-1]
        with h5py.File("tags.h5") as data, h5py.File("crf.h5") as found, h5py.File("plain.h5") as plain:
            group = data["test"]
            offsets, targets = group["offsets"][:], group["targets"][:]
            scores = numpy.tanh(group["inputs"][:] @ matrix + bias) @ weight("output/weights") + weight("output/bias")
            loss, count = 0, 0
            for start, end in zip(offsets, offsets[1:]):
                x, y = scores[start:end], targets[start:end]
                a, delta, back = [first + x[0]], first + x[0], []
                for row in x[1:]:
                    a.append(numpy.logaddexp.reduce(a[-1][:, None] + A, axis=0) + row)
                    back.append((delta[:, None] + A).argmax(0))
                    delta = (delta[:, None] + A).max(0) + row
                b = [last]
                for row in x[:0:-1]:
                    b.insert(0, numpy.logaddexp.reduce(A + row + b[0], axis=1))
                total = numpy.logaddexp.reduce(a[-1] + last)
                path = [int((delta + last).argmax())]
                for step in back[::-1]:
                    path.insert(0, int(step[path[0]]))
                assert found["predicted"][start:end].tolist() == path
                marginals = numpy.exp(numpy.array(a) + numpy.array(b) - total)
                assert abs(found["probabilities"][start:end] - marginals).max() < 1e-5
                gold = first[y[0]] + last[y[-1]] + x[numpy.arange(len(y)), y].sum() + A[y[:-1], y[1:]].sum()
                loss, count = loss + total - gold, count + len(y)
            accuracy = (found["predicted"][:] == targets).mean()
            without = (plain["predicted"][:] == targets).mean()
            assert accuracy > without + 0.1, (accuracy, without)
        told = json.loads(subprocess.run([sys.argv[1], "evaluate", "crf", "--split", "test", "--json"],
                          capture_output=True, text=True).stdout)
        values = {**told, **told.get("metrics", {})}
        assert abs(values["loss"] - loss / count) < 1e-5 and abs(values["accuracy"] - accuracy) < 1e-6, told
        """#, Command.program.path, in: folder)
      #expect(result.status == 0, "\(result.output)")
    }
  }

  @Test("The number of threads changes no bit, and runs resume")
  func sameBits() throws {
    try Self.withData { folder in
      try Command.succeed("train", "crf.yaml", "--output", "one", "--threads", "1", in: folder)
      try Command.succeed(
        "train", "crf.yaml", "--output", "three", "--threads", "3", "--until-step", "170", in: folder)
      try Command.succeed("train", "crf.yaml", "--output", "three", "--threads", "2", "--resume", in: folder)
      func weights(_ run: String) throws -> [Float] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: run).path)
        let last = try #require(names.filter { $0.hasPrefix("checkpoint-") }.sorted().last)
        return try File(opening: folder.appending(path: "\(run)/\(last)").path)
          .dataset("weights/output/transitions").read(as: Float.self)
      }
      #expect(try weights("one") == weights("three"))
    }
  }

  @Test(
    "What needs independent steps is refused",
    arguments: [
      (["step", "run"], "cannot be stepped"),
      (
        ["export", "run", "model.safetensors", "--to", "safetensors"],
        "the transitions of model.crf cannot be represented in safetensors; export to onnx"
      ),
      (
        ["export", "run", "model.onnx", "--to", "onnx", "--probabilities"],
        "so that their scores at a step are no probabilities"
      ),
      (
        ["train", "crf.yaml", "--output", "b", "--set", "loss.class_weights=balanced"],
        "model.crf: cannot be combined"
      ),
      (["train", "crf.yaml", "--output", "b", "--set", "loss.kind=squared-error"], "model.crf: needs"),
      (
        [
          "train", "crf.yaml", "--output", "b", "--set", "training.carry_state=true", "--set",
          "data.window=4",
        ],
        "model.crf: scores whole"
      ),
    ])
  func refusals(arguments: [String], message: String) throws {
    try Self.withData { folder in
      try Command.succeed(
        "train", "crf.yaml", "--output", "run", "--set", "training.steps=1", in: folder)
      let result = try Command.run(arguments, in: folder)
      #expect(result.status != 0 && result.errors.contains(message), "\(result.errors)")
    }
  }
}

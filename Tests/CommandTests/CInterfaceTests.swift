import Foundation
import TestSupport
import Testing

/// The library for C, which SwiftPM links into the folder of the program.
private enum CLibrary {
  static let folder = Command.program.deletingLastPathComponent().path
  static let isBuilt = FileManager.default.fileExists(atPath: "\(folder)/libWeftC.so")
}

/// The C interface, by `Examples/C/predict.c`, compared with `weft predict` and with ONNX Runtime on the exported graph.
@Suite(
  .enabled(if: CLibrary.isBuilt, "there is no libWeftC beside the program; build the product WeftC"),
  .enabled(if: !Sanitizer.isOn, "a program without a sanitizer cannot load a library with it"),
  .enabled(if: Python.has("onnxruntime", "h5py"), Python.missing))
struct CInterfaceTests {
  /// Ragged sequences of three features, far from zero and close to it, with classes and with values of each step; and a
  /// series.
  private static let data = #"""
    import h5py, numpy
    random = numpy.random.default_rng(1)
    with h5py.File("classes.h5", "w") as classes, h5py.File("values.h5", "w") as values, h5py.File("series.h5", "w") as series:
        classes["classes"] = ["low", "mid", "high"]
        for split, count in [("train", 40), ("validation", 10), ("test", 11)]:
            lengths = random.integers(1, 9, count)
            offsets = numpy.concatenate([[0], numpy.cumsum(lengths)])
            x = (random.normal(size=(offsets[-1], 3)) * [1, 10, 0.1] + [0, 5, 3]).astype("float32")
            for file in (classes, values):
                file[f"{split}/inputs"] = x
                file[f"{split}/offsets"] = offsets
            classes[f"{split}/targets"] = random.integers(0, 3, count)
            values[f"{split}/targets"] = numpy.stack([1000 + 100 * x[:, 0], x[:, 1]], axis=1)
            if split == "test":
                with open("test.txt", "w") as file:
                    for begin, end in zip(offsets, offsets[1:]):
                        for row in x[begin:end]:
                            print(*(repr(float(value)) for value in row), file=file)
                        print(file=file)
            steps = numpy.arange(10 * count)
            series[f"{split}/inputs"] = (20 + 5 * numpy.sin(steps / 5))[:, None].astype("float32")
    """#

  /// Trains, compiles the example, and calls `body`.
  private func withRun(_ configuration: String, _ body: (URL) throws -> Void) throws {
    try TemporaryFolder.use { folder in
      try check(Self.data, in: folder)
      try Data(configuration.utf8).write(to: folder.appending(path: "train.yaml"))
      try succeed("\"$WEFT\" train train.yaml --output run", in: folder)
      try compile(Command.packageFolder.appending(path: "Examples/C/predict.c").path, in: folder)
      try body(folder)
    }
  }

  private func compile(_ source: String, in folder: URL) throws {
    let include = Command.packageFolder.appending(path: "Sources/WeftC/include").path
    try succeed(
      "cc -std=c11 -O1 -Wall -Wextra -Werror -pthread -I '\(include)' '\(source)' -L '\(CLibrary.folder)' -lWeftC"
        + " -Wl,-rpath,'\(CLibrary.folder)' -o example", in: folder)
  }

  private func succeed(_ script: String, in folder: URL) throws {
    let result = try Command.shell(script, in: folder)
    #expect(result.status == 0, "\(script): \(result.errors)")
  }

  private func check(_ program: String, in folder: URL) throws {
    let result = try Python.run(program, in: folder)
    #expect(result.status == 0, "\(result.output)")
  }

  @Test func classesAreThoseOfTheProgramAndOfONNXRuntime() throws {
    try withRun(
      """
      data: {file: classes.h5, standardize: true}
      model: {cell: lstm, hidden: 8, bidirectional: true, output: last-step}
      training: {batch: 4, steps: 10, evaluate_every: 10}

      """
    ) { folder in
      try succeed("./example run <test.txt >c.txt && \"$WEFT\" predict run --output p.h5", in: folder)
      try succeed(
        "\"$WEFT\" export run --to onnx --ragged --probabilities --raw-inputs model.onnx", in: folder)
      try check(
        #"""
        import h5py, numpy, onnxruntime
        found = numpy.loadtxt("c.txt")
        with h5py.File("p.h5") as told, h5py.File("classes.h5") as data:
            assert found.shape == (11, 3), found.shape
            assert (found.astype("float32") == told["probabilities"][:]).all()
            inputs, offsets = data["test/inputs"][:], data["test/offsets"][:]
            session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
            names = [value.name for value in session.get_inputs()]
            for number, (begin, end) in enumerate(zip(offsets, offsets[1:])):
                feed = {names[0]: inputs[None, begin:end]}
                if len(names) > 1:
                    kind = session.get_inputs()[1].type
                    feed[names[1]] = numpy.array([end - begin], "int32" if "int32" in kind else "int64")
                expected = session.run(None, feed)[0].ravel()
                assert numpy.allclose(found[number], expected, atol=1e-5), (found[number], expected)
        """#, in: folder)
    }
  }

  @Test func valuesOfStepsAreThoseOfTheProgramAllAtOnceAndStepByStep() throws {
    try withRun(
      """
      data: {file: values.h5, standardize: true}
      model: {cell: gru, layers: 2, hidden: 8}
      loss: {kind: squared-error}
      training: {batch: 4, steps: 10, evaluate_every: 10}

      """
    ) { folder in
      try succeed(
        "./example run <test.txt >c.txt && ./example run --step <test.txt >s.txt && cmp c.txt s.txt"
          + " && \"$WEFT\" predict run --output p.h5", in: folder)
      try check(
        #"""
        import h5py, numpy
        found = numpy.loadtxt("c.txt")
        with h5py.File("p.h5") as told:
            expected = told["predictions"][:]
            assert found.shape == expected.shape and (found == expected).all(), (found[:2], expected[:2])
        """#, in: folder)
    }
  }

  @Test func forecastsAreThoseOfTheProgram() throws {
    try withRun(
      """
      data: {file: series.h5, context: 12, horizon: 4, standardize: true}
      model: {cell: gru, hidden: 8, output: last-step}
      loss: {kind: quantile}
      training: {batch: 8, steps: 10, evaluate_every: 10}

      """
    ) { folder in
      try succeed("\"$WEFT\" predict run --output p.h5", in: folder)
      try check(
        #"""
        import h5py
        with h5py.File("p.h5") as told, h5py.File("series.h5") as data, open("windows.txt", "w") as file:
            series = data["test/inputs"][:, 0]
            for origin in told["origin"][:]:
                for value in series[origin - 12:origin]:
                    print(repr(float(value)), file=file)
                print(file=file)
        """#, in: folder)
      try succeed("./example run <windows.txt >c.txt", in: folder)
      try check(
        #"""
        import h5py, numpy
        found = numpy.loadtxt("c.txt")
        with h5py.File("p.h5") as told:
            expected = told["median"][:].reshape(len(found), -1)
            assert found.shape == (len(expected), 4) and (found == expected).all(), (found[:2], expected[:2])
        """#, in: folder)
      let stepped = try Command.shell("./example run --step <windows.txt", in: folder)
      #expect(stepped.status == 1 && stepped.errors.contains("cannot be stepped"))
    }
  }

  @Test func tokensAreReadByTheirNumbers() throws {
    try SmallRun.withFolder { folder in
      try succeed(
        "\"$WEFT\" train small.yaml --output run", in: folder)
      try compile(Command.packageFolder.appending(path: "Examples/C/predict.c").path, in: folder)
      // Token 0 is a line break, which stands for itself in no line.
      try check(
        #"""
        import h5py
        with h5py.File("text.h5", "r+") as data:
            tokens = data["test/tokens"][:]
            tokens[tokens == 0] = 1
            data["test/tokens"][:] = tokens
            with open("tokens.txt", "w") as file:
                for token in tokens:
                    print("\n abcdefg"[token], file=file)
        """#, in: folder)
      try succeed("\"$WEFT\" predict run text.h5 --output p.h5", in: folder)
      try succeed(
        "./example run <tokens.txt >c.txt && ./example run --step <tokens.txt >s.txt && cmp c.txt s.txt",
        in: folder)
      try check(
        #"""
        import h5py, numpy
        found = numpy.loadtxt("c.txt").astype("float32")
        with h5py.File("p.h5") as told:
            expected = told["probabilities"][:]
            assert found.shape == expected.shape and (found == expected).all(), (found[:2], expected[:2])
        """#, in: folder)
    }
  }

  @Test func badArgumentsAreErrors() throws {
    try withRun(
      """
      data: {file: values.h5}
      model: {cell: gru, hidden: 8}
      loss: {kind: squared-error}
      training: {batch: 4, steps: 2, evaluate_every: 2}

      """
    ) { folder in
      try compile(Command.packageFolder.appending(path: "Tests/CommandTests/misuse.c").path, in: folder)
      let result = try Command.shell("./example run", in: folder)
      #expect(result.status == 0, "\(result.output)\(result.errors)")
      let lines = result.output.split(separator: "\n").map(String.init)
      #expect(lines.last == "done")
      for expected in [
        "the path is NULL", "missing: ", "the model is NULL", "inputs or outputs are NULL",
        "0 sequences of 2 steps: both must be at least 1", "1 sequences of -3 steps: both must be at least 1",
        "do not fit into memory", "sequence 1 has a length of 3, not 1 to 2",
        "sequence 0, step 1: number 2 is nan, which is not finite in single precision",
        "reads numbers, not tokens", "the stepper is NULL", "a step has 2 numbers; the model reads 3",
        "the number of threads is -1, not 0 to 4096", "the path is not UTF-8",
      ] {
        #expect(lines.contains { $0.contains(expected) }, "\(expected): \(result.output)")
      }
    }
  }
}

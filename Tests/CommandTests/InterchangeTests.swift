import Foundation
import HDF5
import Testing

/// The subcommands `export` and `import`.
@Suite struct InterchangeTests {
  @Test(arguments: ["keras", "keras-weights", "onnx"])
  func aModelThatWentOutAndCameInEvaluatesAlike(_ format: String) throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      let file =
        format == "onnx"
        ? "model.onnx" : "model.weights.h5".replacing(format == "keras" ? ".weights" : "", with: "")
      let out = try Command.run("export", "run", "--to", format, file, in: folder)
      #expect(out.errors == "" && out.status == 0)
      #expect(
        out.output.hasPrefix("\(file): 9 tokens, embedding 4, 1 × gru 8, 9 outputs at every step, from step ")
      )
      let back = try Command.run("import", file, "--output", "back", in: folder)
      #expect(back.errors == "" && back.status == 0)
      func evaluated(_ run: String) throws -> String {
        let text = try Command.run("evaluate", run, in: folder)
        #expect(text.status == 0, "\(text.errors)")
        return text.output
      }
      #expect(try evaluated("back") == evaluated("run"))
      let arguments = ["--prompt", "abc", "--length", "50", "--seed", "3"]
      #expect(
        try Command.run(["generate", "back"] + arguments, in: folder).output
          == Command.run(["generate", "run"] + arguments, in: folder).output)
      // It can be trained further.
      let further = try Command.run("train", "small.yaml", "--output", "back", "--resume", in: folder)
      #expect(further.status == 0, "\(further.errors)")
    }
  }

  @Test func stateDictionariesTakeTheDatasetsVocabulary() throws {
    try SmallRun.withFolder { folder in
      let train = try Command.run(
        "train", "small.yaml", "--output", "run", "--set", "model.cell=gru-reset-after", in: folder)
      #expect(train.status == 0)
      #expect(try Command.run("export", "run", "--to", "pytorch", "model.h5", in: folder).status == 0)
      // As PyTorch would write it, without Weft's metadata.
      let file = try File(opening: folder.appending(path: "model.h5").path, mode: .readWrite)
      for name in try file.attributes.names { try file.attributes.delete(name) }
      try file.close()
      let back = try Command.run(
        "import", "model.h5", "--as", "pytorch", "--data", "text.h5", "--output", "back", "--set",
        "data.window=5", in: folder)
      #expect(back.status == 0, "\(back.errors)")
      #expect(back.errors.contains("note: model.h5: a state dictionary does not specify whether every step"))
      let text = try Command.run("generate", "back", "--prompt", "abc", "--length", "20", in: folder)
      #expect(text.status == 0 && text.output.hasPrefix("abc"), "\(text.errors)")
      let wrong = try Command.run(
        "import", "model.h5", "--output", "other", "--set", "model.hidden=3", in: folder)
      #expect(wrong.status == 2)
      #expect(wrong.errors.contains("contains a different network from --set model.hidden=3"))
      let twice = try Command.run("import", "model.h5", "--output", "back", in: folder)
      #expect(twice.status == 1 && twice.errors.contains("contains a run already"))
    }
  }

  @Test func refusesWhatCannotBe() throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      func run(_ arguments: String...) throws -> Command.Result { try Command.run(arguments, in: folder) }
      let format = try run("export", "run", "--to", "kera", "x.h5")
      #expect(format.status == 2)
      #expect(
        format.errors
          == "weft: error: --to: unknown format 'kera'; choose keras, keras-weights, pytorch, safetensors or"
          + " onnx; did you mean"
          + " 'keras'?\n")
      let before = try run("export", "run", "--to", "safetensors", "x.safetensors")
      #expect(
        before.status == 1
          && before.errors.contains(
            "run/best.h5: model.cell 'gru' has no module in torch.nn; add --module model.py")
      )
      #expect(try run("export", "run", "--to", "keras-weights", "x.h5").errors.contains("named *.weights.h5"))
      #expect(try run("export", "run", "--to", "safetensors", "--ragged", "x").status == 2)
      #expect(try run("export", "run", "--to", "onnx", "x.onnx").status == 0)
      let twice = try run("export", "run", "--to", "onnx", "x.onnx")
      #expect(twice.status == 1 && twice.errors.contains("file exists; name another"))
      #expect(try run("export", "run", "--to", "onnx", "x.onnx", "--overwrite").status == 0)
      #expect(try run("import", "small.yaml", "--output", "y").errors.contains("is not an ONNX model"))
      #expect(
        try run("export", "missing", "--to", "onnx", "y.onnx").errors.contains(
          "missing: no such file or folder"))
    }
  }
}

import Foundation
import Testing

/// Every usage error is one line on standard error and status 2.
@Suite struct UsageTests {
  /// A file that is not there is a failure, with the name of one that is.
  @Test(arguments: [
    (["init", "Pakage.swift"], "Package.swift"),
    (["train", "datasets/shakespear/train.yaml"], "datasets/shakespeare/train.yaml"),
  ]) func aMisspeltFileIsOneLine(_ arguments: [String], _ suggestion: String) throws {
    let result = try Command.run(arguments)
    #expect(result.errors.hasPrefix("weft: error: \(arguments[1]): "))
    #expect(result.errors.hasSuffix("; did you mean '\(suggestion)'?\n"))
    #expect(result.errors.split(separator: "\n").count == 1 && result.status == 1)
  }

  @Test(arguments: [
    (["inspct", "a.h5"], "unknown subcommand 'inspct'; did you mean 'inspect'?"),
    (["zebra"], "unknown subcommand 'zebra'"),
    (["inspect"], "Missing expected argument '<path>'"),
    (["inspect", "a.h5", "b.h5"], "Unexpected argument 'b.h5'"),
    (["inspect", "--jsn", "a.h5"], "unknown option '--jsn'; did you mean '--json'?"),
    (["--bogus"], "unknown option '--bogus'"),
    (["train", "--thread", "2", "a.yaml"], "unknown option '--thread'; did you mean '--threads'?"),
    (
      ["data", "text", "a.txt", "-o", "b.h5", "--vocab", "9"],
      "unknown option '--vocab'; did you mean '--vocabulary-size'?"
    ),
    (["data", "tabel", "a.csv"], "unknown subcommand 'data tabel'; did you mean 'data table'?"),
    (["help", "trian"], "unknown subcommand 'trian'; did you mean 'train'?"),
    (["data", "zebra"], "unknown subcommand 'data zebra'"),
    (
      ["bench", "layer", "--precision", "float23"],
      "--precision: unknown value 'float23'; choose float32, bfloat16 or bfloat16x3; did you mean 'float32'?"
    ),
    (
      ["export", "a", "--to", "onx", "b"],
      "--to: unknown format 'onx'; choose keras, keras-weights, pytorch, safetensors or onnx; did you mean 'onnx'?"
    ),
    (
      ["data", "text", "a.txt", "--unit", "wrods", "-o", "b.h5"],
      "--unit: unknown unit 'wrods'; choose characters, words, tokens, subwords or bytes; did you mean 'words'?"
    ),
    (["report", "--port", "1", "a"], "--port needs --serve"),
    (
      ["train", "README.md"],
      "README.md: is a text, not an HDF5 dataset; run: weft data text README.md --split 0.9,0.05,0.05 --output readme.h5"
        + " && weft train readme.h5"
    ),
  ]) func aWrongCallIsOneLine(_ arguments: [String], _ message: String) throws {
    let result = try Command.run(arguments)
    #expect(result.errors == "weft: error: \(message)\n")
    #expect(result.output.isEmpty)
    #expect(result.status == 2)
  }

  @Test func tellsItsVersion() throws {
    let result = try Command.run("--version")
    #expect(result.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    #expect(result.errors.isEmpty)
    #expect(result.status == 0)
  }

  @Test(arguments: [
    "init", "train", "evaluate", "generate", "translate", "caption", "transcribe", "classify", "forecast",
    "detect",
    "inspect", "reference", "report", "watch",
  ])
  func everySubcommandHasAnExample(
    _ name: String
  ) throws {
    for arguments in [[name, "--help"], ["help", name]] {
      let help = try Command.run(arguments)
      #expect(help.output.contains("Example:\n  weft \(name)"))
      #expect(help.errors.isEmpty)
      #expect(help.status == 0)
    }
    #expect(try Command.run("--help").output.contains("\n  \(name) "))
    #expect(try Command.run().output.contains("\n  \(name) "))
  }

  /// After a change to the keys: `weft reference > docs/configuration.md`.
  @Test func theReferencePageIsCurrent() throws {
    let result = try Command.run("reference")
    let page = Command.packageFolder.appending(path: "docs/configuration.md")
    #expect(result.output == (try String(contentsOf: page, encoding: .utf8)))
    #expect(result.status == 0)
  }
}

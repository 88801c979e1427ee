import Foundation
import HDF5
import TestSupport
import Testing

@Suite struct DataToolsTests {
  /// Creates a dataset from text, trains on it, and generates after the dataset is removed.
  @Test(arguments: ["characters", "words", "subwords"]) func textToGeneratedText(_ unit: String) throws {
    try TemporaryFolder.use { folder in
      let text = (0..<400).map { "The weft, \($0 % 7) threads, \"runs\" under the warp.\n" }.joined()
      try Data(text.utf8).write(to: folder.appending(path: "text.txt"))
      var arguments = ["data", "text", "text.txt", "--unit", unit, "--split", "0.8,0.1,0.1", "-o", "text.h5"]
      if unit == "subwords" { arguments += ["--vocabulary-size", "320"] }
      let made = try Command.run(arguments, in: folder)
      #expect(made.status == 0 && made.errors.isEmpty, "\(made.errors)")
      #expect(made.output.hasPrefix("text.h5: train "))
      try Data(SmallRun.configuration.utf8).write(to: folder.appending(path: "small.yaml"))
      let trained = try Command.run("train", "small.yaml", "--output", "run", "--threads", "1", in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      let evaluated = try Command.run("evaluate", "run", "--json", in: folder)
      #expect(evaluated.status == 0 && evaluated.output.contains("bits_per_token"), "\(evaluated.errors)")
      try FileManager.default.removeItem(at: folder.appending(path: "text.h5"))
      let prompt = "The weft, 3 threads, \"runs\""
      let generated = try Command.run("generate", "run", "--prompt", prompt, "--length", "40", in: folder)
      #expect(generated.status == 0, "\(generated.errors)")
      #expect(generated.output.hasPrefix(prompt))
      #expect(generated.output.count > prompt.count + 1)
      #expect(!generated.output.contains("▁"))
    }
  }

  @Test func describesAndRearranges() throws {
    try TemporaryFolder.use { folder in
      let rows = (0..<300).map { "\($0 / 5),\(Double($0) / 4),\($0 / 5 % 3)\n" }.joined()
      try Data(("id,x,kind\n" + rows).utf8).write(to: folder.appending(path: "t.csv"))
      func run(_ arguments: String) throws -> Command.Result {
        let result = try Command.run(arguments.split(separator: " ").map(String.init), in: folder)
        #expect(result.status == 0 && result.errors.isEmpty, "\(arguments): \(result.errors)")
        return result
      }
      _ = try run(
        "data table t.csv --inputs x --targets kind --classes --group id --target-per group -o t.h5")
      #expect(try run("data describe t.h5").output.contains("\n  names: \"0\", \"1\", \"2\", "))
      #expect(try run("data describe t.h5").output.contains(", \"11\" and 48 more\n"))
      _ = try run("data split t.h5 --fractions 0.5,0.5 --seed 3 -o s.h5")
      _ = try run("data convert s.h5 --layout dense --type float64 --compression none --chunk 7 -o d.h5")
      _ = try run("data merge d.h5 d.h5 -o m.h5")
      let text = try run("data describe m.h5").output
      #expect(text.hasPrefix("m.h5\n\ntrain: "))
      #expect(text.contains("sequences, dense, of 5 steps; "))
      #expect(text.contains("\"0\""))
      let json = try run("data describe --json m.h5").output
      let report = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
      let splits = try #require(report["splits"] as? [[String: Any]])
      #expect(splits.compactMap { $0["sequences"] as? Int }.reduce(0, +) == 120)
      let inputs = try File(opening: folder.appending(path: "d.h5").path).dataset("train/inputs")
      #expect(inputs.chunkShape == [7, 5, 1] && inputs.filters.isEmpty)
    }
  }

  @Test(arguments: [
    ("data text none.txt -o x.h5", 1, "none.txt: cannot be read: No such file or directory"),
    (
      "data text a.txt --unit letters -o x.h5", 2,
      "--unit: unknown unit 'letters'; choose characters, words, tokens, subwords or bytes"
    ),
    (
      "data text a.txt --split 0.5 -o x.h5", 2,
      "invalid fractions '0.5': expected one to three positive numbers"
    ),
    ("data text a.txt", 2, "Missing expected argument '--output <file.h5>'"),
    ("data text a.txt -o a.txt", 2, "--output a.txt: is an input; name another file"),
    (
      "data text a.txt --validation a.txt --split-counts 1 -o x.h5", 2,
      "--split-counts cannot be combined with --validation"
    ),
    (
      "data text a.txt --test a.txt --split 0.5,0.3,0.2 -o x.h5", 2,
      "--test: --split has a part for 'test', too; give fewer fractions, or remove --test"
    ),
    ("data parallel a.txt --test a.txt a.txt a.txt -o x.h5", 2, "--test: give a source and a target file"),
    ("data audio a.txt --test a.txt a.txt -o x.h5", 2, "--test: give one list or folder, not 2"),
    (
      "data parallel a.txt a.txt --unit bytes -o x.h5", 2,
      "--unit bytes: bytes leave no token for the ends of sentences"
    ),
    (
      "data images a.txt --unit bytes -o x.h5", 2,
      "--unit bytes: bytes leave no token for the ends of captions"
    ),
    (
      "data text a.txt --unit bytes --minimum-count 2 -o x.h5", 2,
      "--minimum-count: the vocabulary of bytes has 256 tokens; remove --minimum-count"
    ),
    (
      "data text a.txt --algorithm unigram -o x.h5", 2, "--algorithm applies to subwords; add --unit subwords"
    ),
    ("data convert a.txt -o x.h5", 1, "a.txt: cannot open: not an HDF5 file"),
    (
      "data convert x.h5 --layout windows -o y.h5", 2, "--layout windows needs --window, at least 1"
    ),
    ("data parallel a.txt a.txt a.txt -o x.h5", 2, "give a source and a target file"),
    ("data split a.txt --fractions 1 -o a.txt", 2, "--output a.txt: is an input; name another file"),
    ("data describe a.txt", 1, "a.txt: cannot open: not an HDF5 file"),
    ("data numpy a.txt -o x.h5", 1, "a.txt: is not a NumPy array"),
    ("data merge a.txt -o x.h5", 2, "give two datasets or more to merge"),
    ("data table a.txt --input x -o x.h5", 2, "unknown option '--input'; did you mean '--inputs'?"),
    (
      "data wide a.txt --names id --join b.csv -o x.h5", 2,
      "--join: tables are joined to rows of steps, which pandas makes of columns, pandas.read_csv('a.txt').melt(['id'],"
    ),
    (
      "data wide a.txt -o x.h5", 2,
      "--names: name the columns that tell series apart, their classes with --class, or numbers to predict with --target"
    ),
  ]) func mistakesAreOneLine(_ arguments: String, _ status: Int, _ message: String) throws {
    try TemporaryFolder.use { folder in
      try Data("text\n".utf8).write(to: folder.appending(path: "a.txt"))
      let result = try Command.run(arguments.split(separator: " ").map(String.init), in: folder)
      #expect(result.errors.hasPrefix("weft: error: \(message)"), "\(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1)
      #expect(Int(result.status) == status && result.output.isEmpty)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.txt"])
    }
  }

  /// A table in place of HDF5, which any command may be given.
  @Test(arguments: [
    "data describe t.csv", "data check t.csv", "inspect t.csv", "data split t.csv --fractions 1 -o x.h5",
  ])
  func tablesAreConverted(_ arguments: String) throws {
    try TemporaryFolder.use { folder in
      try Data("date,x\n2026-01-01,1\n".utf8).write(to: folder.appending(path: "t.csv"))
      let result = try Command.run(arguments.split(separator: " ").map(String.init), in: folder)
      #expect(
        result.errors
          == "weft: error: t.csv: cannot open: not an HDF5 file; it is a table, which becomes one by weft data table t.csv"
          + " --inputs x --time date --output t.h5\n", "\(result.errors)")
    }
  }

  /// The IMF's mark of missing values, which ends options elsewhere.
  @Test func dashesAreAMark() throws {
    try TemporaryFolder.use { folder in
      try Data("ISO\t1980\t1981\t1982\nAFG\t1.5\t--\t2\n".utf8).write(to: folder.appending(path: "WEO.tsv"))
      try Command.succeed(
        "data", "wide", "WEO.tsv", "--names", "ISO", "--missing-mark", "--", "--missing", "mean", "--output",
        "x.h5",
        in: folder)
      let file = try File(opening: folder.appending(path: "x.h5").path)
      #expect(try file.dataset("train/inputs").read(as: Double.self) == [1.5, 1.75, 2])
    }
  }
}

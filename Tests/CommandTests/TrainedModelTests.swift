import Foundation
import Testing

/// The subcommands that use a trained model.
@Suite struct TrainedModelTests {
  @Test func evaluatesWithOneResultForAnyNumberOfThreads() throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      let text = try Command.run("evaluate", "run", in: folder)
      #expect(text.status == 0)
      #expect(
        text.output.wholeMatch(
          of:
            /test: loss \d\.\d{4}  \d\.\d{4} bits\/char  perplexity \d\.\d{3}  accuracy \d+\.\d\d%  48 targets\n/
        )
          != nil)
      let one = try Command.run("evaluate", "run", "--json", "--threads", "1", in: folder)
      let two = try Command.run("evaluate", "run", "--json", "--threads", "2", in: folder)
      #expect(one.output == two.output)
      let report = try #require(
        try JSONSerialization.jsonObject(with: Data(one.output.utf8)) as? [String: Any])
      #expect(report["count"] as? Int == 48)
      #expect(report["checkpoint"] as? String == "run/best.h5")

      let missing = try Command.run("evaluate", "run", "--split", "x", in: folder)
      #expect(missing.errors == "weft: error: text.h5: no split 'x'\n")
      #expect(missing.status == 1)
    }
  }

  @Test func generatesTheSameTextFromTheSameSeed() throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      func generate(_ arguments: String...) throws -> Command.Result {
        try Command.run(["generate", "run", "--prompt", "abc", "--length", "200"] + arguments, in: folder)
      }
      let text = try generate()
      #expect(text.status == 0)
      #expect(text.output.hasPrefix("abc"))
      #expect(text.output.count == 204)
      #expect(try generate().output == text.output)
      #expect(try generate("--seed", "2").output != text.output)
      #expect(try generate("--top-k", "1").output == generate("--temperature", "0").output)
      #expect(try generate("--beam", "1").output == generate("--temperature", "0").output)
      #expect(try generate("--beam", "4").output.count == 204)
      let both = try generate("--beam", "4", "--top-k", "3")
      #expect(both.status == 2 && both.errors.contains("--top-k cannot be combined with --beam"))
      #expect(try generate("--beam", "0").status == 2)

      let unknown = try Command.run("generate", "run", "--prompt", "axb", in: folder)
      #expect(
        unknown.errors
          == "weft: error: character 2 of the text, \"x\", is not in the model's vocabulary of 9\n")
      #expect(unknown.output.isEmpty)
      #expect(unknown.status == 2)
      #expect(try generate("--top-p", "0").status == 2)
      #expect(try generate("--length", "-1").status == 2)
    }
  }

  @Test func showsHowGradientsFlowed() throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      let text = try Command.run("inspect", "run", "--gradients", in: folder)
      #expect(text.output.hasPrefix("run: norm of ∂L/∂h by time step\n"))
      #expect(text.output.contains("\nstep 12, first to last time step, logarithmic scale:\n"))
      #expect(text.status == 0)
      let json = try Command.run("inspect", "run", "--gradients", "--json", in: folder)
      let report = try #require(
        try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
      #expect((report["records"] as? [[String: Any]])?.map { $0["step"] as? Int } == [3, 6, 9, 12])
    }
  }

  @Test(arguments: [["evaluate", "no"], ["generate", "no"]])
  func aMissingRunIsOneLine(_ arguments: [String]) throws {
    let result = try Command.run(arguments)
    #expect(result.errors == "weft: error: no: no such file or folder\n")
    #expect(result.output.isEmpty)
    #expect(result.status == 1)
  }
}

import Foundation
import Testing

/// Every usage error is one line on standard error and status 2.
@Suite struct UsageTests {
  @Test(arguments: [
    (["inspct", "a.h5"], "unknown subcommand 'inspct'; did you mean 'inspect'?"),
    (["zebra"], "unknown subcommand 'zebra'"),
    (["inspect"], "Missing expected argument '<path>'"),
    (["inspect", "a.h5", "b.h5"], "Unexpected argument 'b.h5'"),
    (["inspect", "--jsn", "a.h5"], "Unknown option '--jsn'. Did you mean '--json'?"),
    (["--bogus"], "Unknown option '--bogus'"),
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
    "train", "evaluate", "generate", "translate", "caption", "transcribe", "classify", "forecast", "detect",
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

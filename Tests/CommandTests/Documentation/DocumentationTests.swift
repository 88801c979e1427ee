import Foundation
import TestSupport
import Testing

@testable import WeftCommand
@testable import WeftMetrics

/// The documentation is complete and its commands work.
@Suite struct DocumentationTests {
  @Test func theSwiftProgramsAreTheExamples() throws {
    let page = try #require(DocumentationPage.all.first { $0.path == "docs/swift.md" })
    let files = [
      "CharacterModel/main.swift", "InMemory/main.swift", "OwnCell/Sources/UpdateGateCell.swift",
      "OwnCell/Sources/AsymmetricError.swift", "OwnCell/Sources/main.swift",
    ]
    let examples = try files.map { file in
      try String(
        contentsOf: Command.packageFolder.appending(path: "Examples/\(file)"), encoding: .utf8)
    }
    #expect(page.blocks.filter { $0.language == "swift" }.map(\.text) == examples)
  }

  @Test(arguments: DocumentationPage.all.filter { !$0.commands("weft").isEmpty })
  func everyCommandIsCalledRightly(_ page: DocumentationPage) throws {
    for command in page.commands("weft") {
      #expect(throws: Never.self, "\(command.text)") {
        do { _ = try WeftCommand.parseAsRoot(withoutRedirection(command.words)) } catch {
          // ArgumentParser reports the version and the completion script as errors.
          if WeftCommand.exitCode(for: error) != .success { throw error }
        }
      }
    }
  }

  /// In order, as a reader would, but with tiny models and runs.
  @Test(arguments: DocumentationPage.all.filter { $0.commands("weft").contains { !$0.isLong } })
  func everyCommandRuns(_ page: DocumentationPage) throws {
    try DocumentationFolder.with(page) { folder in
      var trained = Set<String>()
      for command in page.commands("weft") where !command.isLong {
        var words = withoutRedirection(command.words)
        // No browser is opened, and missing files are created first, as the demo creates its run.
        words.removeAll { $0 == "--open" }
        for run in words.filter({ $0.hasPrefix("runs/") }).map({
          $0.split(separator: "/").prefix(2).joined(separator: "/")
        })
        where !trained.contains(run) {
          trained.insert(run)
          if words.first == "train", !words.contains("--resume") { continue }
          try train(run, in: folder)
        }
        if words.first == "train" { words += try small(words, in: folder) }
        let source = command.words.firstIndex(of: "<").map { folder.appending(path: command.words[$0 + 1]) }
        let result = try Command.run(
          words, bytes: source.map { try Data(contentsOf: $0) } ?? Data(), in: folder)
        #expect(result.status == 0, "\(page.path): weft \(command.text): \(result.errors)")
        if let place = command.words.firstIndex(of: ">") {
          let file = folder.appending(path: command.words[place + 1])
          try result.output.write(to: file, atomically: true, encoding: .utf8)
          #expect(!result.output.isEmpty)
        }
      }
      for session in page.sessions("weft") {
        let result = try Command.run(withoutRedirection(session.words), in: folder)
        #expect(result.errors + result.output == session.output, "\(page.path)")
        #expect((result.status != 0) == session.output.hasPrefix("weft: error: "), "\(page.path)")
      }
    }
  }

  /// Overrides for a tiny training run.
  private static let small =
    [
      "steps=3", "evaluate_every=3", "gradient_flow_every=1", "batch=4", "lanes=2", "log_every=1",
    ].flatMap { ["--set", "training.\($0)"] } + ["--set", "model.hidden=8"]

  /// The overrides for a command: with short windows if it has windows.
  private func small(_ command: [String], in folder: URL) throws -> [String] {
    guard let file = command.first(where: { $0.hasSuffix(".yaml") }) else {
      // A dataset, whose configuration is made.
      return Self.small + (command.contains { $0.hasSuffix("novel.h5") } ? ["--set", "data.window=8"] : [])
    }
    let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
    return Self.small + (text.contains("window:") ? ["--set", "data.window=8"] : [])
  }

  /// A run of a few steps on Shakespeare's plays.
  private func train(_ run: String, in folder: URL) throws {
    let result = try Command.run(
      ["train", "datasets/shakespeare/train.yaml", "--output", run] + Self.small + [
        "--set", "data.window=8",
      ], in: folder)
    #expect(result.status == 0, "\(result.errors)")
  }

  /// The arguments of the program, with numbers for shell variables.
  private func withoutRedirection(_ words: [String]) -> [String] {
    words.prefix { $0 != ">" && $0 != "<" }.map { $0.hasPrefix("$") ? "1" : $0 }
  }

  @Test func everySubcommandExists() throws {
    let names = Set(WeftCommand.configuration.subcommands.map { $0._commandName })
    for page in DocumentationPage.all {
      for match in page.text.matches(of: /`weft ([a-z]+)/) {
        #expect(names.contains(String(match.1)), "\(page.path): weft \(match.1)")
      }
    }
  }

  @Test func everyRuleOfMakeExists() throws {
    let makefile = try String(contentsOf: Command.packageFolder.appending(path: "Makefile"), encoding: .utf8)
    let rules = DocumentationPage.all.flatMap { page in
      page.commands("make").compactMap { $0.words.first { !$0.contains("=") } }
        + page.text.matches(of: /`make ([a-z]+)`/).map { String($0.1) }
    }
    #expect(rules.count > 3)
    for rule in rules { #expect(makefile.contains("\n\(rule):"), "make \(rule)") }
  }

  @Test func everyLinkLeadsSomewhere() throws {
    let result = try checkLinks(in: Command.packageFolder)
    #expect(result.status == 0, "\(result.output)")
  }

  @Test func deadLinksAreFound() throws {
    try TemporaryFolder.use { folder in
      let pages = [
        "a.md": """
        # First page
        [right](b.md#second-part) [own](#first-page) [defined][b] <https://example.org/page> `[code](none.md)`
        [file](none.md) [anchor](b.md#third-part)
        ![image](none.png) [address](http:/example) [undefined][c]

        [b]: b.md
        """,
        "b.md": "# Other\n\n## Second *part*\n",
      ]
      for (name, text) in pages {
        try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
      }
      let result = try checkLinks(in: folder)
      #expect(result.status == 1)
      #expect(
        result.output == """
          a.md:3: none.md is not there
          a.md:3: b.md#third-part has no heading #third-part
          a.md:4: none.png is not there
          a.md:4: http:/example is no address
          a.md:4: [c] is not defined

          """)
    }
  }

  private func checkLinks(in folder: URL) throws -> (status: Int32, output: String) {
    let script = Command.packageFolder.appending(path: "Scripts/links").path
    return try Python.run(
      "import runpy, sys; runpy.run_path(sys.argv.pop(1), run_name='__main__')", script, folder.path)
  }

  /// Source files and folders that pages name in backquotes.
  @Test func everyPathIsThere() throws {
    for page in DocumentationPage.all {
      for path in page.text.matches(of: /`((?:Sources|Tests|Scripts|Examples)\/[\w\/+.-]+)`/) {
        let file = Command.packageFolder.appending(path: String(path.1)).path
        #expect(FileManager.default.fileExists(atPath: file), "\(page.path): \(path.1)")
      }
    }
  }
}

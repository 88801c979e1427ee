import Foundation
import Testing

/// What the README shows is there and works as it says.
@Suite struct ReadmeTests {
  private static func contents(_ path: String) throws -> String {
    try String(contentsOf: Command.packageFolder.appending(path: path), encoding: .utf8)
  }

  /// The lines of fenced blocks in a language.
  private static func blocks(_ language: String) throws -> [String] {
    try contents("README.md").matches(of: /(?ms)^```(\w*)\n(.*?)^```$/).filter { $0.1 == language }
      .map { String($0.2) }
  }

  /// The command lines that begin with a program's name, as words.
  private static func commands(_ program: String) throws -> [[String]] {
    try blocks("").joined().split(separator: "\n").compactMap { line in
      let command = line.split(separator: "#", omittingEmptySubsequences: false)[0]
      let words = command.matches(of: /"([^"]*)"|[^\s"]+/).map { String($0.1 ?? $0.0) }
      return words.first == program ? words : nil
    }
  }

  @Test func theSwiftProgramIsTheExample() throws {
    #expect(try Self.blocks("swift") == [Self.contents("Examples/CharacterModel/main.swift")])
  }

  /// Run where there is nothing, a command that is called rightly misses its files; one called wrongly ends with 2.
  @Test func everyCommandIsCalledRightly() throws {
    let commands = try Self.commands("weft")
    #expect(Set(commands.map { $0[1] }).isSuperset(of: ["train", "evaluate", "generate", "inspect"]))
    try Command.withFolder { folder in
      for command in commands {
        let result = try Command.run(Array(command.dropFirst()), in: folder)
        #expect(result.status == 1, "\(command.joined(separator: " "))")
        #expect(
          result.errors.lowercased().contains("no such file"), "\(command.joined(separator: " "))")
      }
    }
  }

  @Test func everyVerbExists() throws {
    let verbs = Set(try Self.contents("README.md").matches(of: /`weft (\w+)/).map { String($0.1) })
    for verb in verbs { #expect(try Command.run("help", verb).status == 0, "\(verb)") }
  }

  @Test func everyRuleOfMakeExists() throws {
    let makefile = try Self.contents("Makefile")
    let rules = try Self.commands("make").map { $0[1] }
    #expect(!rules.isEmpty)
    for rule in rules { #expect(makefile.contains("\n\(rule):"), "make \(rule)") }
  }

  @Test func everyLinkLeadsSomewhere() throws {
    for link in try Self.contents("README.md").matches(of: /\]\(([^)#]+)\)/) where !link.1.contains(":") {
      let path = Command.packageFolder.appending(path: String(link.1)).path
      #expect(FileManager.default.fileExists(atPath: path), "\(link.1)")
    }
  }
}

import Foundation
import Testing

@testable import WeftMetrics

/// A page of Markdown in the package: README.md, those in `docs`, and those beside the datasets.
struct DocumentationPage: CustomTestStringConvertible, Sendable {
  /// A fenced block.
  struct Block: Sendable {
    let language: String
    let text: String
    /// Whether a preceding `<!-- long -->` excludes it from tests.
    let isLong: Bool
  }

  let path: String
  let text: String
  let blocks: [Block]
  var testDescription: String { path }

  static let all: [DocumentationPage] = {
    let root = Command.packageFolder.path
    let pages = (FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []).filter {
      $0.hasSuffix(".md") && ($0 == "README.md" || $0.hasPrefix("docs/") || $0.hasPrefix("datasets/"))
    }
    return pages.sorted().compactMap { path in
      (try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)).map {
        DocumentationPage(path: path, text: $0)
      }
    }
  }()

  init(path: String, text: String) {
    self.path = path
    self.text = text
    blocks = text.matches(of: /(?ms)(^<!-- long[^\n]*-->\n+)?^```(\w*)\n(.*?)^```$/).map {
      Block(language: String($0.2), text: String($0.3), isLong: $0.1 != nil)
    }
  }

  /// A command line as words, without what follows a `#` or an `&&`.
  struct Line: Sendable {
    let words: [String]
    let isLong: Bool
    var text: String { words.joined(separator: " ") }
  }

  /// A command after `$` in a `console` block, and the output below it.
  struct Session: Sendable {
    let words: [String]
    let output: String
  }

  /// The complete output of a program shown on the page.
  func sessions(_ program: String) -> [Session] {
    blocks.filter { $0.language == "console" && !$0.isLong }.flatMap { block in
      block.text.split(separator: "$ ").compactMap { part in
        let lines = part.split(separator: "\n", maxSplits: 1)
        let words = Self.words(lines.first ?? "")
        return words.first == program
          ? Session(words: Array(words.dropFirst()), output: lines.count > 1 ? String(lines[1]) : "") : nil
      }
    }
  }

  /// Configurations that the page tells to write, by file name.
  var configurations: [(name: String, text: String)] {
    text.matches(of: /(?s)`([\w-]+\.yaml)`[^`\n]*:\n\n```yaml\n(.*?)\n```/).map {
      (String($0.1), String($0.2) + "\n")
    }
  }

  private static func words(_ command: Substring) -> [String] {
    command.matches(of: /"([^"]*)"|'([^']*)'|[^\s"']+/).map { String($0.1 ?? $0.2 ?? $0.0) }
  }

  /// The command lines of a program in blocks of the shell, and in those of no language.
  func commands(_ program: String) -> [Line] {
    blocks.filter { ["", "sh", "console"].contains($0.language) }.flatMap { block in
      block.text.split(separator: "\n").compactMap { line in
        let command = line.prefix { $0 != "#" }.split(separator: "&&").first ?? ""
        let words = Self.words(command)
        // Words in capitals are placeholders: such a line is a synopsis, not a command.
        guard !words.contains(where: { $0.wholeMatch(of: /[A-Z]{3,}/) != nil }), let first = words.first,
          first == program || first.hasSuffix("/\(program)")
        else { return nil }
        return Line(words: Array(words.dropFirst()), isLong: block.isLong)
      }
    }
  }
}

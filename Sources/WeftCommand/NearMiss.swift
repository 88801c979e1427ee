import ArgumentParser
import Foundation
import WeftBase

/// What the user may have meant by a name that does not exist: a subcommand, an option, a choice, a file.
enum NearMiss {
  // MARK: Subcommands

  /// Rejects an unknown subcommand at any depth, which ArgumentParser would report as an unexpected argument.
  static func checkSubcommands(
    of command: any ParsableCommand.Type, in arguments: ArraySlice<String>, after path: String = ""
  ) throws(WeftError) {
    let subcommands = command.configuration.subcommands
    guard let name = arguments.first, !name.hasPrefix("-"), !subcommands.isEmpty else { return }
    let rest = arguments.dropFirst()
    if name == "help", path.isEmpty { return try checkSubcommands(of: command, in: rest, after: path) }
    if let found = subcommands.first(where: { $0._commandName == name }) {
      return try checkSubcommands(of: found, in: rest, after: "\(path)\(name) ")
    }
    let names = subcommands.map { $0._commandName } + (path.isEmpty ? ["help"] : [])
    throw .usage("unknown subcommand '\(path)\(name)'" + suggestion(name, names) { "\(path)\($0)" })
  }

  // MARK: Options

  /// A message of ArgumentParser, with the option or value that was probably meant.
  static func parserMessage(_ message: String, arguments: ArraySlice<String>) -> String {
    let line = message.prefix { !$0.isNewline }
    if let match = line.wholeMatch(of: /Unknown option '(-+[^']+)'(?:\. Did you mean '([^']+)'\?)?/) {
      let name = String(match.1)
      if let suggested = match.2 { return "unknown option '\(name)'; did you mean '\(suggested)'?" }
      return "unknown option '\(name)'" + suggestion(name, options(for: arguments)) { $0 }
    }
    if let match = line.wholeMatch(of: /Invalid option: (---+)/) {
      return
        "'\(match.1)' is no option; a value that begins so follows an equals sign, as in --missing-mark=\(match.1)"
    }
    // An option that is missing may be there under another name.
    if line.hasPrefix("Missing expected argument") {
      let known = options(for: arguments)
      let given = arguments.filter { $0.hasPrefix("--") && $0.utf8.count > 3 }.map {
        String($0.prefix { $0 != "=" })
      }
      for name in given where !known.contains(name) {
        let found = suggestion(name, known) { $0 }
        if !found.isEmpty { return "unknown option '\(name)'" + found }
      }
    }
    if let match = line.wholeMatch(of: /The value '(.*)' is invalid for '(-+[a-z-]+).*one of (.*)\./) {
      let choices = match.3.matches(of: /'([^']+)'/).map { String($0.1) }
      return unknownChoice(String(match.1), "value", of: String(match.2), among: choices).message
    }
    return message
  }

  /// The long options of the subcommand that some arguments name.
  private static func options(for arguments: ArraySlice<String>) -> [String] {
    var command: any ParsableCommand.Type = WeftCommand.self
    for name in arguments {
      guard let found = command.configuration.subcommands.first(where: { $0._commandName == name }) else {
        break
      }
      command = found
    }
    let help = WeftCommand.helpMessage(for: command, columns: 200)
    return help.matches(of: /--[a-z][a-z-]*/).map { String($0.0) }
  }

  // MARK: Choices

  /// The error of an option whose value is not one of its choices.
  ///
  /// - Parameters:
  ///   - text: The value.
  ///   - what: What it should be, such as `format`.
  ///   - option: The option, such as `--to`.
  ///   - choices: Its values.
  ///   - remark: What else could be done.
  static func unknownChoice(
    _ text: String, _ what: String, of option: String, among choices: [String], otherwise remark: String = ""
  ) -> WeftError {
    let list =
      choices.count > 1
      ? choices.dropLast().joined(separator: ", ") + " or \(choices[choices.count - 1])"
      : choices.joined()
    return .usage(
      "\(option): unknown \(what) '\(text)'; choose \(list)\(remark)" + suggestion(text, choices) { $0 })
  }

  // MARK: Files

  /// The error of a file or run that does not exist, with the name of one beside it that does.
  ///
  /// - Returns: The same error if it is about something else.
  static func explained(_ error: WeftError) -> WeftError {
    if let match = error.message.wholeMatch(of: /(.+?): cannot open: not an HDF5 file/) {
      return error.saying(error.message + DataSource.conversionAdvice(String(match.1)))
    }
    guard
      let match = error.message.firstMatch(
        of:
          /^(.+?): (?:cannot be read: No such file or directory|cannot open: no such file or directory|no such file or folder|contains no (?:metrics|checkpoint); is it a run's folder\?)/
      )
    else { return error }
    let path = String(match.1)
    guard !OutputFile.exists(path) else { return error }
    let isRun = error.message.hasSuffix("is it a run's folder?")
    let suggestion = fileSuggestion(path, wantsFolder: isRun)
    return error.saying((isRun ? "\(path): no such run" : error.message) + suggestion)
  }

  /// A suggestion for a path: an entry of its folder with a similar name, or one with a similar folder.
  private static func fileSuggestion(_ path: String, wantsFolder: Bool) -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    var folder = path.hasPrefix("/") ? "/" : ""
    for (index, part) in parts.enumerated() {
      if OutputFile.exists(folder + part) {
        folder += part + "/"
        continue
      }
      let entries = FolderListing.names(in: folder.isEmpty ? "." : folder).filter { name in
        !(wantsFolder || index + 1 < parts.count) || OutputFile.exists("\(folder)\(name)/.")
      }
      // Another spelling of the name, or another extension of it.
      let stem = PathParts.stem(of: part)
      let found =
        part.nearest(among: entries)
        ?? entries.sorted().first { PathParts.stem(of: $0) == stem && !stem.isEmpty }
      guard let found else { return "" }
      let rest = parts[(index + 1)...].map { "/\($0)" }.joined()
      let whole = folder + found + rest
      return OutputFile.exists(whole) ? "; did you mean '\(whole)'?" : ""
    }
    return ""
  }

  private static func suggestion(
    _ name: String, _ candidates: [String], _ shown: (String) -> String
  ) -> String {
    // What was begun rightly is nearer than what has as many other letters.
    let begun = name.count >= 3 ? candidates.filter { $0.hasPrefix(name) } : []
    let found = begun.count == 1 ? begun[0] : name.nearest(among: candidates) ?? begun.first
    return found.map { "; did you mean '\(shown($0))'?" } ?? ""
  }
}

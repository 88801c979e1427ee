import ArgumentParser
import HDF5
import Media
import WeftBase

/// Outcome of the command after an error.
struct CommandFailure {
  /// Text for standard error, printable and not longer than anyone reads; nil without an error.
  let line: String?
  /// Text for standard output, such as requested help.
  let text: String?
  /// Exit status: 0, 1 for a failure, 2 for a usage error, or that of the subcommand.
  let exitCode: Int32

  init(_ error: any Error) {
    switch error {
    case let error as WeftError:
      let explained = NearMiss.explained(error)
      self.init(line: explained.message, exitCode: explained.exitCode)
    case let error as HDF5Error:
      let explained = NearMiss.explained(WeftError.failure(error.description))
      self.init(line: explained.message, exitCode: explained.exitCode)
    case let error as MediaError:
      self.init(line: error.description, exitCode: WeftError.Kind.failure.exitCode)
    case let code as ExitCode:
      self.init(line: nil, exitCode: code.rawValue)
    default:
      self.init(parserError: error)
    }
  }

  /// Errors, help and version of ArgumentParser.
  private init(parserError error: any Error) {
    if WeftCommand.exitCode(for: error) == .success {
      self.init(line: nil, text: WeftCommand.fullMessage(for: error), exitCode: 0)
    } else {
      let text = NearMiss.parserMessage(
        WeftCommand.message(for: error), arguments: CommandLine.arguments.dropFirst())
      let message = WeftError.usage(text).message
      self.init(line: message, exitCode: WeftError.Kind.usage.exitCode)
    }
  }

  private init(line: String?, text: String? = nil, exitCode: Int32) {
    self.line = line?.asMessage
    self.text = text
    self.exitCode = exitCode
  }
}

/// An error to be reported to the user in one line; violated invariants are preconditions instead.
public struct WeftError: Error, Equatable, Sendable {
  /// Kind of error, which determines the exit status.
  public enum Kind: Sendable {
    /// Invalid usage: an unknown option, an invalid `--set`.
    case usage
    /// Failure of a valid command: a missing file, an invalid key in a file, a full disk.
    case failure

    /// Exit status of a command: 2 for usage errors, 1 for failures.
    public var exitCode: Int32 {
      switch self {
      case .usage: 2
      case .failure: 1
      }
    }
  }

  /// Kind of error.
  public let kind: Kind
  /// The error message, on one line.
  public let message: String
  /// Whether all ranks of a run have the error, so that each exits by itself.
  package private(set) var isShared = false

  /// An error of the given kind. Line breaks in `message` become spaces.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message =
      message.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  /// An error that all ranks of a run have.
  package init(shared kind: Kind, _ message: String) {
    self.init(kind, message)
    isShared = true
  }

  /// The same error with another message.
  package func saying(_ message: String) -> WeftError {
    isShared ? WeftError(shared: kind, message) : WeftError(kind, message)
  }

  /// An error of invalid usage.
  public static func usage(_ message: String) -> WeftError { WeftError(.usage, message) }

  /// A failure of a valid command.
  public static func failure(_ message: String) -> WeftError { WeftError(.failure, message) }

  /// Exit status of a command that fails with this error.
  public var exitCode: Int32 { kind.exitCode }
}

extension WeftError: CustomStringConvertible {
  /// The message.
  public var description: String { message }
}

/// A failure to be told to the user in one line; a broken invariant is a `precondition` instead.
public struct WeftError: Error, Equatable, Sendable {
  /// Who can mend the failure, which decides the exit status of the command.
  public enum Kind: Sendable {
    /// The command was called wrongly: an unknown flag, a bad `--set`.
    case usage
    /// The call was right but could not be carried out: a missing file, a wrong key in one, a full disk.
    case failure

    /// The exit status of a command that ends with such an error: 2 for usage, 1 for a failure.
    public var exitCode: Int32 {
      switch self {
      case .usage: 2
      case .failure: 1
      }
    }
  }

  /// Who can mend the failure.
  public let kind: Kind
  /// What went wrong, in one line.
  public let message: String
  /// Whether all ranks of a run know of it, so that each ends by itself.
  package private(set) var isShared = false

  /// A failure of the given kind. Line breaks in `message` become spaces.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message =
      message.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  /// A failure that all ranks of a run know of.
  package init(shared kind: Kind, _ message: String) {
    self.init(kind, message)
    isShared = true
  }

  /// The same failure with more to say.
  package func saying(_ message: String) -> WeftError {
    isShared ? WeftError(shared: kind, message) : WeftError(kind, message)
  }

  /// The command was called wrongly.
  public static func usage(_ message: String) -> WeftError { WeftError(.usage, message) }

  /// The call was right but could not be carried out.
  public static func failure(_ message: String) -> WeftError { WeftError(.failure, message) }

  /// The exit status of a command that ends with this error.
  public var exitCode: Int32 { kind.exitCode }
}

extension WeftError: CustomStringConvertible {
  /// The message alone.
  public var description: String { message }
}

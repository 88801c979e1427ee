/// An error to be reported to the user in one line; violated invariants are preconditions instead.
public struct WeftError: Error, Equatable, Sendable {
  /// What is at fault. New kinds may come with a new version, so handle others as ``failure``.
  public enum Kind: String, Sendable {
    /// Invalid usage: an unknown option, an invalid `--set`, an argument out of its range.
    case usage
    /// A configuration with an invalid value, or values that contradict each other or the data.
    case configuration
    /// Data that cannot be used: damaged, in another format or layout, or with values that are not allowed.
    case data
    /// A model, checkpoint or run that is damaged, unknown, or cannot do what is asked of it.
    case model
    /// A file or folder that cannot be opened or written: missing, without permission, on a full disk.
    case file
    /// A loss or gradient that is not finite.
    case divergence
    /// Any other failure.
    case failure

    /// Exit status of a command: 2 for invalid usage, 1 for all others.
    public var exitCode: Int32 { self == .usage ? 2 : 1 }
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

  /// An error in a configuration.
  package static func configuration(_ message: String) -> WeftError { WeftError(.configuration, message) }

  /// An error in data.
  package static func data(_ message: String) -> WeftError { WeftError(.data, message) }

  /// An error of a model.
  package static func model(_ message: String) -> WeftError { WeftError(.model, message) }

  /// An error of opening or writing a file.
  package static func file(_ message: String) -> WeftError { WeftError(.file, message) }

  /// Another failure of a valid command.
  public static func failure(_ message: String) -> WeftError { WeftError(.failure, message) }

  /// Exit status of a command that fails with this error.
  public var exitCode: Int32 { kind.exitCode }
}

extension WeftError: CustomStringConvertible {
  /// The message.
  public var description: String { message }
}

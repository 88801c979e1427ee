import Foundation

/// Why something could not be done with an HDF5 file, in one line for a user.
public struct HDF5Error: Error, Sendable, Hashable {
  /// What went wrong, for programs.
  public enum Kind: Sendable, Hashable {
    /// No file has the given name.
    case fileNotFound
    /// The file exists, but is not an HDF5 file.
    case notHDF5
    /// The file is shorter than it says.
    case truncated
    /// The contents are damaged.
    case damaged
    /// A checksum does not fit the data it protects.
    case checksumMismatch
    /// The operating system does not allow the access.
    case permissionDenied
    /// Somebody else has the file open.
    case locked
    /// There is no room left to write.
    case diskFull
    /// A file, object or attribute of that name exists already.
    case alreadyExists
    /// No object or attribute has that name.
    case notFound
    /// The number of dimensions does not fit.
    case wrongRank
    /// The stored type, or the kind of object, does not fit.
    case wrongType
    /// A selection leaves the extent of its dataset.
    case outOfBounds
    /// The header promises more data than can be there or be held in memory.
    case tooLarge
    /// Data were written with a filter that this machine's library does not have.
    case filterUnavailable
    /// The file was opened for reading only.
    case readOnly
    /// The file was closed.
    case closed
    /// An argument makes no sense.
    case invalidArgument
    /// Anything else.
    case other
  }

  /// What went wrong, for programs.
  public let kind: Kind
  /// The file, as it was named when it was opened.
  public let file: String
  /// The object concerned, such as `dataset /train/tokens`; nil when it is the file itself.
  public let object: String?
  /// What was attempted, such as `cannot open`.
  public let attempt: String
  /// The innermost cause.
  public let cause: String

  /// An error from its parts.
  public init(kind: Kind, file: String, object: String?, attempt: String, cause: String) {
    self.kind = kind
    self.file = file
    self.object = object
    self.attempt = attempt
    self.cause = cause
  }
}

extension HDF5Error: CustomStringConvertible, LocalizedError {
  /// One line: file, object, what was attempted, and why it failed.
  public var description: String {
    [file, object, attempt, cause].compactMap(\.self).joined(separator: ": ").onOneLine
  }

  /// The same line.
  public var errorDescription: String? { description }
}

extension String {
  /// The text with every control character, line breaks above all, replaced by a space: names come from files.
  var onOneLine: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .lineSeparator, .paragraphSeparator: " "
          default: scalar
          }
        }))
  }
}

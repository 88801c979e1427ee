import Foundation

/// An error of an HDF5 operation, as one line for users.
public struct HDF5Error: Error, Sendable, Hashable {
  /// Kind of error.
  public enum Kind: Sendable, Hashable {
    /// No file has the given name.
    case fileNotFound
    /// The file exists, but is not an HDF5 file.
    case notHDF5
    /// The file is truncated.
    case truncated
    /// The contents are damaged.
    case damaged
    /// A checksum does not match its data.
    case checksumMismatch
    /// The operating system does not allow the access.
    case permissionDenied
    /// The file is open elsewhere.
    case locked
    /// The disk is full.
    case diskFull
    /// A file, object or attribute of that name exists already.
    case alreadyExists
    /// No object or attribute has that name.
    case notFound
    /// The number of dimensions does not match.
    case wrongRank
    /// The stored type, or the kind of object, does not match.
    case wrongType
    /// A selection exceeds the extent of its dataset.
    case outOfBounds
    /// The header claims more data than the file or memory can contain.
    case tooLarge
    /// The data needs a filter that is not available.
    case filterUnavailable
    /// The file was opened for reading only.
    case readOnly
    /// The file was closed.
    case closed
    /// An argument is invalid.
    case invalidArgument
    /// Any other error.
    case other
  }

  /// Kind of error.
  public let kind: Kind
  /// Path of the file as given when it was opened.
  public let file: String
  /// The object concerned, such as `dataset /train/tokens`; nil for the file itself.
  public let object: String?
  /// Failed operation, such as `cannot open`.
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
  /// The text with control characters, such as line breaks in names from files, replaced by spaces.
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

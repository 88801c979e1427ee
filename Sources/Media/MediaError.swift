/// Why a sound or an image cannot be used, to be told in one line.
public struct MediaError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file, or nil where settings alone are wrong.
  public let path: String?
  /// What is wrong and, where there is one, the way to mend it.
  public let reason: String

  /// A file that cannot be used. Line breaks in `reason` become spaces.
  public init(_ path: String?, _ reason: String) {
    self.path = path
    self.reason = reason.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  /// The file and the reason.
  public var description: String { path.map { "\($0): \(reason)" } ?? reason }
}

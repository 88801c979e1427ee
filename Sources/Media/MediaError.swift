/// Reason why an audio or image file is unusable, in one line.
public struct MediaError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file; nil for invalid settings.
  public let path: String?
  /// The problem and, if possible, its solution.
  public let reason: String

  /// An unusable file. Line breaks in `reason` become spaces.
  public init(_ path: String?, _ reason: String) {
    self.path = path
    self.reason = reason.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  /// The file and the reason.
  public var description: String { path.map { "\($0): \(reason)" } ?? reason }
}

import Foundation

/// A separate folder for one test, removed afterwards.
public final class TemporaryFolder {
  /// Its path.
  public let path: String

  /// Creates the folder, with a unique name.
  public init() throws {
    path = FileManager.default.temporaryDirectory.path + "/weft-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Where it is, as a URL.
  public var url: URL { URL(filePath: path, directoryHint: .isDirectory) }

  /// Calls `body` with an empty folder that is removed afterwards.
  public static func use(_ body: (URL) throws -> Void) throws {
    let folder = try TemporaryFolder()
    try withExtendedLifetime(folder) { try body(folder.url) }
  }

  /// The path of a file in the folder.
  public func file(_ name: String = "data.h5") -> String { "\(path)/\(name)" }

  /// Writes a file and returns its path.
  public func write(_ bytes: [UInt8], to name: String) throws -> String {
    try Data(bytes).write(to: URL(filePath: file(name)))
    return file(name)
  }
}

import Foundation
import HDF5
import WeftBase
import WeftData

/// Reads files of other programs.
enum InputFile {
  /// All bytes of a file.
  static func contents(_ path: String) throws(WeftError) -> Data {
    // Refuses pipes and devices, which could block or never end.
    _ = try RegularFile(path)
    do { return try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe) } catch {
      throw .model("\(path): cannot be read: \(error.localizedDescription)")
    }
  }

  /// Opens an HDF5 file and calls `read`, with errors that name the file.
  static func reading<Value>(_ path: String, _ read: (File) throws -> Value) throws(WeftError) -> Value {
    do { return try read(File(opening: path)) } catch { throw WeftError(error, in: path) }
  }
}

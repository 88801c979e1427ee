import Foundation
import HDF5
import WeftBase

/// Writes files atomically.
enum OutputFile {
  /// Replaces `path` by a temporary file that `write` fills.
  ///
  /// - Throws: An error of `write`, or if the file cannot be written; no partial file is left.
  static func replace(_ path: String, _ write: (_ temporary: String) throws -> Void) throws(WeftError) {
    let temporary = "\(path).partial"
    unlink(temporary)
    do {
      try write(temporary)
      try DurableFile.replace(path, with: temporary)
    } catch {
      unlink(temporary)
      if let error = error as? WeftError { throw error }
      if let error = error as? HDF5Error { throw WeftError(error) }
      throw .failure("\(path): cannot be written: \(error)")
    }
  }

  /// Writes bytes to `path`.
  static func replace(_ path: String, with parts: [Data]) throws(WeftError) {
    try replace(path) { temporary in
      guard let file = fopen(temporary, "w") else {
        throw WeftError.system("\(path): cannot be written", errno)
      }
      var isWritten = true
      for part in parts where isWritten && !part.isEmpty {
        isWritten = part.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) == $0.count }
      }
      isWritten = fflush(file) == 0 && isWritten
      let code = errno
      fclose(file)
      guard isWritten else { throw WeftError.system("\(path): cannot be written", code) }
    }
  }
}

/// Reads files of other programs.
enum InputFile {
  /// All bytes of a file.
  static func contents(_ path: String) throws(WeftError) -> Data {
    // Refuses pipes and devices, which could block or never end.
    _ = try RegularFile(path)
    do { return try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe) } catch {
      throw .failure("\(path): cannot be read: \(error.localizedDescription)")
    }
  }

  /// Opens an HDF5 file and calls `read`, with errors that name the file.
  static func reading<Value>(_ path: String, _ read: (File) throws -> Value) throws(WeftError) -> Value {
    do { return try read(File(opening: path)) } catch { throw WeftError(error, in: path) }
  }
}

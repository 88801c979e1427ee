import HDF5
import WeftBase

extension OutputFile {
  /// Replaces `path` by an HDF5 file that `write` fills, atomically and durably.
  ///
  /// - Throws: An error of `write`, or if the file cannot be written; no partial file is left.
  package static func replace(_ path: String, _ write: (File) throws -> Void) throws(WeftError) {
    let output = try OutputFile(path)
    do {
      let file = try File(creatingIn: output.descriptor, path: path)
      try write(file)
      try file.close()
    } catch {
      throw WeftError(error, in: path)
    }
    try output.publish()
  }
}

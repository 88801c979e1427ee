import CMatIO
import WeftBase

/// Files of MATLAB before its version 7.3, which are not HDF5: levels 4 and 5, read by MAT File I/O Library (matio).
package enum OlderMATLABFile {
  /// Whether a file is one, by its first bytes. Level 4 has no signature: its first variable must be plausible, and the
  /// file's name end in .mat.
  package static func isOne(_ path: String) -> Bool {
    guard let bytes = try? RegularFile(path).read(at: 0, count: Level4Header.byteCount) else { return false }
    return isLevel5(bytes) || path.lowercased().hasSuffix(".mat") && Level4Header(bytes) != nil
  }

  static func isLevel5(_ bytes: [UInt8]) -> Bool { bytes.starts(with: Array("MATLAB 5.0".utf8)) }

  /// Writes the variables of a file as one of MATLAB 7.3, which is HDF5. Those that cannot be written, such as
  /// functions and objects, are left out.
  ///
  /// No other thread may use HDF5 meanwhile.
  ///
  /// - Parameters:
  ///   - path: The older file.
  ///   - copy: The new file; one of that name is overwritten.
  /// - Returns: The objects that were left out.
  /// - Throws: If the file is damaged or cannot be read, or the copy not be written.
  package static func writeCopy(of path: String, to copy: String) throws(WeftError) -> [MATLABObject] {
    let objects = try MATLABElements(path).check()
    // Errors are told below; the library would print them as well.
    _ = Mat_LogInitFunc("weft") { _, _ in }
    guard let source = Mat_Open(path, CInt(MAT_ACC_RDONLY.rawValue)) else {
      throw .data("\(path): is damaged: it begins as a file of MATLAB and cannot be read as one")
    }
    defer { Mat_Close(source) }
    guard let target = Mat_CreateVer(copy, nil, MAT_FT_MAT73) else {
      throw .failure("\(copy): cannot be written")
    }
    defer { Mat_Close(target) }
    var written = 0
    while let variable = Mat_VarReadNextInfo(source) {
      defer { Mat_VarFree(variable) }
      // What has no name is MATLAB's own, such as the workspace of functions.
      if variable.pointee.name != nil, Mat_VarReadDataAll(source, variable) == 0,
        Mat_VarWrite(target, variable, MAT_COMPRESSION_NONE) == 0
      {
        written += 1
      }
    }
    if written == 0, objects.isEmpty {
      throw .data("\(path): is a file of MATLAB without variables that can be read")
    }
    return objects
  }
}

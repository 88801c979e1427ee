import CMatIO
import Foundation
import WeftBase

/// Files of MATLAB before its version 7.3, which are not HDF5: levels 4 and 5, read by MAT File I/O Library (matio).
package enum OlderMATLABFile {
  /// Whether a file is one, by its first bytes. Level 4 has no signature: its first variable must be plausible, and the
  /// file's name end in .mat. Source: MathWorks, MAT-File Format.
  package static func isOne(_ path: String) -> Bool {
    guard let file = FileHandle(forReadingAtPath: path),
      let bytes = try? file.read(upToCount: 20), bytes.count == 20
    else { return false }
    if bytes.starts(with: Array("MATLAB 5.0".utf8)) { return true }
    guard path.lowercased().hasSuffix(".mat") else { return false }
    return [false, true].contains { isBigEndian in
      let numbers = stride(from: 0, to: 20, by: 4).map { place in
        let word = bytes[bytes.startIndex + place..<bytes.startIndex + place + 4]
        return (isBigEndian ? Array(word) : word.reversed()).reduce(0) { $0 << 8 | Int($1) }
      }
      let (type, rows, columns, imaginary, nameLength) =
        (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
      // The digits of the type: byte order, 0, kind of number, kind of matrix.
      let digits = [type / 1000, type / 100 % 10, type / 10 % 10, type % 10]
      return digits[0] == (isBigEndian ? 1 : 0) && digits[1] == 0 && digits[2] <= 5 && digits[3] <= 2
        && rows < 1 << 31 && columns < 1 << 31 && imaginary <= 1 && (1...64).contains(nameLength)
    }
  }

  /// Writes the variables of a file as one of MATLAB 7.3, which is HDF5. Those that cannot be written, such as
  /// functions, are left out.
  ///
  /// No other thread may use HDF5 meanwhile.
  ///
  /// - Parameters:
  ///   - path: The older file.
  ///   - copy: The new file; one of that name is overwritten.
  /// - Throws: If the file cannot be read, or the copy not be written.
  package static func writeCopy(of path: String, to copy: String) throws(WeftError) {
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
      if Mat_VarReadDataAll(source, variable) == 0,
        Mat_VarWrite(target, variable, MAT_COMPRESSION_NONE) == 0
      {
        written += 1
      }
    }
    if written == 0 { throw .data("\(path): is a file of MATLAB without variables that can be read") }
  }
}

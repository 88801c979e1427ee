import Foundation

/// What reading one file may cost, in proportion to its size.
///
/// A small file can name one array a thousand times, or unpack to any size. Every reader that keeps in memory what it
/// finds in a file takes the memory from the file's budget before it allocates, and objects before it creates them.
/// Data that are streamed, as in training, are not limited.
package final class FileBudget {
  /// The file, for errors.
  package let path: String
  private let fileBytes: Int
  private let byteLimit: Int
  private var bytes = 0
  private var objects = 0
  private let started = ProcessUsage.threadSeconds

  /// Bytes that any file may take, whatever its size.
  private static let smallBytes = 64 << 20
  /// Objects that a file may contain: layers, nodes, members, chunks, tokens.
  private static let objectLimit = 1 << 21
  /// Bytes per byte of a file: float16 as Double four times over.
  package static let expansion = 16
  /// Deflate, the strongest of the usual compressions, reaches 1032:1.
  package static let compressedExpansion = 1100
  /// Seconds of processor time, and bytes for another one.
  private static let (seconds, bytesPerSecond) = (60.0, 1_000_000.0)

  /// - Parameters:
  ///   - path: The file, for errors.
  ///   - fileBytes: Its size.
  ///   - expansion: Bytes that it may take per byte.
  package init(path: String, fileBytes: Int, expansion: Int = FileBudget.expansion) {
    self.path = path
    self.fileBytes = fileBytes
    byteLimit = Self.smallBytes + min([fileBytes, expansion].boundedProduct ?? .max, .max - Self.smallBytes)
  }

  /// A budget for a file on disk.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - others: Bytes of files that it names and that are read with it.
  ///   - expansion: Bytes that it may take per byte.
  package convenience init(of path: String, others: Int = 0, expansion: Int = FileBudget.expansion) {
    var status = stat()
    let size = stat(path, &status) == 0 ? max(Int(status.st_size), 0) : 0
    let (sum, overflows) = size.addingReportingOverflow(others)
    self.init(path: path, fileBytes: overflows ? .max : sum, expansion: expansion)
  }

  /// Takes memory, before it is allocated.
  ///
  /// - Parameter count: Bytes; nil for a size that exceeds an integer.
  /// - Throws: If the file would take more than its budget.
  package func take(bytes count: Int?) throws(WeftError) {
    guard let count, count >= 0, count <= byteLimit - bytes else {
      throw .file(
        "\(path): unpacks to more than \(byteLimit >> 20) MiB, but has only \(fileBytes) bytes; is it damaged?"
      )
    }
    bytes += count
    try checkTime()
  }

  /// Takes an array.
  ///
  /// - Throws: As ``take(bytes:)``.
  package func take(elements shape: [Int], of size: Int) throws(WeftError) {
    try take(bytes: (shape + [size]).boundedProduct)
  }

  /// Counts objects, before they are created.
  ///
  /// - Throws: If the file contains too many.
  package func take(objects count: Int) throws(WeftError) {
    guard count >= 0, count <= Self.objectLimit - objects else {
      throw .file("\(path): contains more than \(Self.objectLimit) objects; is it damaged?")
    }
    objects += count
    if objects & 0xFF < count { try checkTime() }
  }

  private func checkTime() throws(WeftError) {
    let limit = Self.seconds + Double(fileBytes) / Self.bytesPerSecond
    guard ProcessUsage.threadSeconds - started <= limit else {
      throw .file("\(path): takes more than \(Int(limiting: limit)) seconds to read; is it damaged?")
    }
  }
}

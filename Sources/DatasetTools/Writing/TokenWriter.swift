import HDF5

/// Writes token ids in the smallest integer type that fits the vocabulary.
final class TokenWriter {
  private let write: ([Int32]) throws -> Void
  /// Tokens appended so far.
  private(set) var count = 0

  /// - Parameter bound: Size of the vocabulary.
  init(_ writer: DatasetWriter, _ path: String, bound: Int, label: String) {
    switch bound {
    case ...256: write = Self.sink(writer.array(path, of: UInt8.self, labels: [label]))
    case ...65536: write = Self.sink(writer.array(path, of: UInt16.self, labels: [label]))
    default: write = Self.sink(writer.array(path, of: Int32.self, labels: [label]))
    }
  }

  private static func sink<Element: HDF5Element & FixedWidthInteger>(
    _ array: ArrayWriter<Element>
  ) -> ([Int32]) throws -> Void {
    { tokens in try array.append(tokens.map { Element(truncatingIfNeeded: $0) }) }
  }

  /// Appends tokens.
  func append(_ tokens: [Int32]) throws {
    try write(tokens)
    count += tokens.count
  }
}

import HDF5
import WeftBase

/// A floating-point matrix of a NumPy file.
public struct ArrayMatrix: Sendable, Equatable {
  /// Rows and columns.
  public let rows, columns: Int
  /// The elements in row-major order, in single precision.
  public let values: [Float]

  /// Whether a file is a NumPy array, by its first bytes.
  ///
  /// - Throws: If it cannot be read, or is an archive of arrays.
  public static func isFile(_ path: String) throws(WeftError) -> Bool {
    let start = try RandomAccessFile(path).read(at: 0, count: ArrayHeader.signature.count)
    if start.starts(with: Array("PK".utf8)) {
      throw .data("\(path): is an archive; save the matrix alone, with numpy.save")
    }
    return start == ArrayHeader.signature
  }

  /// Reads a `.npy` file.
  ///
  /// - Throws: If the file is not a matrix of floating-point numbers, is too large, or is damaged.
  public init(_ path: String) throws {
    let reader = try ArrayRows(RandomAccessFile(path))
    let shape = reader.header.shape
    guard shape.count == 2 else {
      throw WeftError.data("\(path): has the shape \(shape), not [rows, columns]")
    }
    let (count, overflows) = shape[0].multipliedReportingOverflow(by: shape[1])
    guard !overflows, count <= Self.maximumCount else {
      throw WeftError.data(
        "\(path): has the shape \(shape); at most \(Self.maximumCount) numbers are read")
    }
    var values: [Float] = []
    values.reserveCapacity(count)
    switch reader.header.kind {
    case .float16: try reader.forEachBlock(of: Float16.self) { values += $0.map { Float($0) } }
    case .float32: try reader.forEachBlock(of: Float.self) { values += $0 }
    case .float64: try reader.forEachBlock(of: Double.self) { values += $0.map { Float($0) } }
    case let kind:
      throw WeftError.data("\(path): contains \(kind.rawValue) numbers, not floating-point ones")
    }
    (rows, columns, self.values) = (shape[0], shape[1], values)
  }

  /// 4 GiB in single precision.
  private static let maximumCount = 1 << 30
}

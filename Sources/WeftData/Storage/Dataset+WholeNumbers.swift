import HDF5
import WeftBase

extension Dataset {
  /// Reads numbers that count something, such as lengths and offsets, in whatever type they are stored.
  ///
  /// - Throws: If one is not whole, and as `read(as:)`.
  package func readWholeNumbers() throws -> [Int] {
    guard case .float = datatype else { return try read(as: Int.self) }
    return try read(as: Double.self).enumerated().map { index, value in
      guard let number = Int(exactly: value) else {
        throw WeftError.data("\(file): dataset \(path): \(value) at \(index) is not a whole number")
      }
      return number
    }
  }
}

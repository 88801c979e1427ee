import HDF5
import WeftData

extension Dataset {
  /// Rows that are read at once.
  private static let rowCount = 1 << 14

  /// The classes that rows of numbers are, of which one is 1 and all others are 0; nil if it has other rows.
  ///
  /// - Throws: Any damage found.
  func oneHotClasses() throws -> [Int]? {
    let shape = try shape
    guard shape.count == 2, shape[1] > 1, datatype.isNumeric else { return nil }
    var classes: [Int] = []
    classes.reserveCapacity(shape[0])
    for start in stride(from: 0, to: shape[0], by: Self.rowCount) {
      let count = min(Self.rowCount, shape[0] - start)
      let values = try read(as: Float.self, offset: [start, 0], count: [count, shape[1]])
      for row in 0..<count {
        let own = values[row * shape[1]..<(row + 1) * shape[1]]
        guard let one = own.firstIndex(of: 1), own.allSatisfy({ $0 == 0 || $0 == 1 }), own.reduce(0, +) == 1
        else { return nil }
        classes.append(one - own.startIndex)
      }
    }
    return classes
  }
}

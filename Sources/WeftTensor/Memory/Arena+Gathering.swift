import KernelInterface
import WeftBase

extension Arena {
  /// Steps of an array as rows of a matrix, padded with zeros.
  ///
  /// - Parameter places: The step of each row; negative for a row of zeros.
  package func gather(_ places: [Int], of features: FeatureArray) -> Matrix {
    let width = features.width
    let result = matrix(rows: places.count, columns: width)
    let padding = VectorWidth.padded(width) - width
    features.values.withUnsafeBufferPointer { source in
      for (row, place) in places.enumerated() {
        if place >= 0, let base = source.baseAddress {
          precondition((place + 1) * width <= source.count)
          result.row(row).update(from: base + place * width, count: width)
        } else {
          result.row(row).update(repeating: 0, count: width)
        }
        (result.row(row) + width).update(repeating: 0, count: padding)
      }
    }
    return result
  }
}

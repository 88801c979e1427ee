import HDF5
import WeftBase

/// Arrays whose axes are in any order, read sequence by sequence as `[steps, features]`.
struct SequenceArray {
  private let datasets: [Dataset]
  private let order: AxisOrder
  private let file: String
  /// Bytes of the sequences that are read at once.
  private static let blockByteCount = 64 << 20

  init(_ datasets: [Dataset], _ order: AxisOrder, file: String) {
    self.datasets = datasets
    self.order = order
    self.file = file
  }

  /// The only sequence.
  func whole() throws -> (values: [Double], width: Int) {
    let shape = try datasets[0].shape
    let values = try datasets[0].read(as: Double.self)
    return (arranged(values, shape: shape, sequence: 0), order.feature.map { shape[$0] } ?? 1)
  }

  /// Calls `body` with the number, the values and the features of each sequence.
  func forEachSequence(_ body: (Int, [Double], Int) throws -> Void) throws {
    guard let axis = order.sequence, let shape = try datasets.first?.shape else { return }
    for dataset in datasets
    where try dataset.shape.count != order.rank || dataset.shape[axis] != shape[axis] {
      throw WeftError.data(
        "\(file): dataset \(dataset.path): has the shape \(try dataset.shape), but another has \(shape)"
      )
    }
    let size = max(
      1, shape.enumerated().reduce(8) { $1.offset == axis ? $0 : $0 * max(1, $1.element) })
    let perBlock = max(1, Self.blockByteCount / size)
    for first in stride(from: 0, to: shape[axis], by: perBlock) {
      let count = min(perBlock, shape[axis] - first)
      let blocks = try datasets.map { dataset in
        var (offset, extent) = (shape.map { _ in 0 }, try dataset.shape)
        (offset[axis], extent[axis]) = (first, count)
        return (
          values: try dataset.read(as: Double.self, offset: offset, count: extent), shape: extent
        )
      }
      for sequence in 0..<count {
        let columns = blocks.map { block in
          (
            values: arranged(block.values, shape: block.shape, sequence: sequence),
            width: order.feature.map { block.shape[$0] } ?? 1
          )
        }
        let (values, width) = try HierarchySource.sideBySide(
          columns, file: "\(file): sequence \(first + sequence)")
        try body(first + sequence, values, width)
      }
    }
  }

  /// One sequence of a block as `[steps, features]`.
  private func arranged(_ values: [Double], shape: [Int], sequence: Int) -> [Double] {
    var strides = [Int](repeating: 1, count: shape.count)
    for dimension in shape.indices.dropLast().reversed() {
      strides[dimension] = strides[dimension + 1] * shape[dimension + 1]
    }
    let start = order.sequence.map { strides[$0] * sequence } ?? 0
    let (steps, step) = order.time.map { (shape[$0], strides[$0]) } ?? (1, 0)
    let (features, feature) = order.feature.map { (shape[$0], strides[$0]) } ?? (1, 0)
    return [Double](unsafeUninitializedCapacity: steps * features) { buffer, count in
      for time in 0..<steps {
        for column in 0..<features {
          buffer[time * features + column] = values[start + time * step + column * feature]
        }
      }
      count = steps * features
    }
  }
}

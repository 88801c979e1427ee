import HDF5
import WeftBase
import WeftData

/// Arrays whose axes are in any order, read sequence by sequence as `[steps, features]`.
struct SequenceArray {
  private let datasets: [Dataset]
  private let packings: [PackedValues?]
  private let order: AxisOrder
  private let notes: HierarchyNotes
  /// Bytes of the sequences that are read at once.
  private static let blockByteCount = 64 << 20

  /// - Throws: If an attribute is not what the conventions of NetCDF say.
  init(_ datasets: [Dataset], _ order: AxisOrder, _ notes: HierarchyNotes) throws {
    self.datasets = datasets
    self.order = order
    self.notes = notes
    packings = try datasets.map { try notes.packedValues(of: $0) }
  }

  /// The only sequence.
  func whole() throws -> (values: [Double], width: Int) {
    // A vector of MATLAB is a matrix.
    let shape = order.rank == 1 ? [try datasets[0].shape.reduce(1, *)] : try datasets[0].shape
    var values = try datasets[0].read(as: Double.self)
    packings[0]?.unpack(&values)
    return (order.arranged(values, shape: shape, sequence: 0), order.width(shape))
  }

  /// Calls `body` with the number, the values and the features of each sequence, without the steps at its end that are
  /// missing.
  func forEachSequence(_ body: (Int, [Double], Int) throws -> Void) throws {
    guard let axis = order.sequence, let first = datasets.first else { return }
    let shape = try first.shape
    for dataset in datasets
    where try dataset.shape.count != order.rank || dataset.shape[axis] != shape[axis] {
      throw WeftError.data(
        "\(dataset.file): dataset \(dataset.path): has the shape \(try dataset.shape), but another has \(shape)"
      )
    }
    let size = max(
      1, shape.enumerated().reduce(8) { $1.offset == axis ? $0 : $0 * max(1, $1.element) })
    let perBlock = max(1, Self.blockByteCount / size)
    for start in stride(from: 0, to: shape[axis], by: perBlock) {
      let count = min(perBlock, shape[axis] - start)
      let blocks = try zip(datasets, packings).map { dataset, packed in
        var (offset, extent) = (shape.map { _ in 0 }, try dataset.shape)
        (offset[axis], extent[axis]) = (start, count)
        var values = try dataset.read(as: Double.self, offset: offset, count: extent)
        packed?.unpack(&values)
        return (values: values, shape: extent)
      }
      for sequence in 0..<count {
        let columns = blocks.map { block in
          (
            values: order.arranged(block.values, shape: block.shape, sequence: sequence),
            width: order.width(block.shape)
          )
        }
        var (values, width) = try HierarchySource.sideBySide(
          columns, file: "\(first.file): sequence \(start + sequence)")
        try cut(&values, width, of: "\(first.file): dataset \(first.path): sequence \(start + sequence)")
        try body(start + sequence, values, width)
      }
    }
  }

  /// Removes the steps at the end of a sequence that are missing altogether, as padding.
  private func cut(_ values: inout [Double], _ width: Int, of place: String) throws {
    guard let last = values.lastIndex(where: { !$0.isNaN }) else {
      if values.isEmpty { return }
      throw WeftError.data("\(place): has no values (all are missing); remove it")
    }
    let count = (last / width + 1) * width
    if count < values.count {
      values.removeLast(values.count - count)
      notes.cutCount += 1
    }
  }
}

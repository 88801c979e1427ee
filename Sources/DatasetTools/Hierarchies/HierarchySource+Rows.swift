import HDF5
import WeftBase

extension HierarchySource {
  /// Rows, and about how many numbers, that are read at once.
  private static let (mostRows, blockCount) = (256, 1 << 18)

  /// Rows of variable length: of steps, or of steps times features.
  func forEachRow(of datasets: [Dataset], _ body: (SourceSequence) throws -> Void) throws {
    let count = try datasets[0].shape.first ?? 0
    for dataset in datasets where try dataset.shape != [count] {
      throw WeftError.data(
        "\(file.path): dataset \(dataset.path): has the shape \(try dataset.shape), but \(datasets[0].path) has"
          + " \(count) rows")
    }
    let targets = try targetReader()
    if let targets, targets.shape.first != count {
      throw targets.failure(
        "has the shape \(targets.shape); targets need one row for each of \(count) sequences")
    }
    try checkGroups(count: count)
    // The library prepares a megabyte for each call, whatever it reads.
    var (block, first) = ([[[Double]]](), 0)
    var size = 1
    for row in 0..<count {
      if row == first + (block.first?.count ?? 0) {
        let read = block.joined().reduce(0) { $0 + $1.count }
        size = read < Self.blockCount ? min(2 * size, Self.mostRows) : max(1, size / 2)
        first = row
        block = try datasets.map {
          try $0.readSequences(as: Double.self, offset: [row], count: [min(size, count - row)])
        }
      }
      let columns = try zip(datasets, block).map { dataset, rows in
        let values = rows[row - first]
        guard values.count.isMultiple(of: options.width) else {
          throw WeftError.data(
            "\(file.path): dataset \(dataset.path): row \(row) has \(values.count) values, no multiple of --width"
              + " \(options.width)")
        }
        return (values: values, width: options.width)
      }
      let (values, width) = try Self.sideBySide(columns, file: "\(file.path): row \(row)")
      var isPrecise = false
      if case .sequence(let base) = datasets[0].datatype { isPrecise = base.exceedsSinglePrecision }
      try body(
        SourceSequence(
          values: values, width: width, isPrecise: isPrecise,
          target: try targets?.row(row, steps: values.count / max(width, 1)), group: try rowGroup(row))
      )
    }
  }
}

import HDF5
import WeftBase

extension HierarchySource {
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
    for row in 0..<count {
      let columns = try datasets.map { dataset in
        let values = try dataset.readSequences(as: Double.self, offset: [row], count: [1])[0]
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

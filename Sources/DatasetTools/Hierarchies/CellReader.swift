import HDF5
import WeftBase
import WeftData

/// Reads arrays of references, such as cell arrays of MATLAB and the fields of its arrays of structures: what each element
/// refers to is a sequence.
struct CellReader {
  private let file: File
  private let inputs: [[Dataset]]
  private let orders: [AxisOrder]
  private let targets: [Dataset]?
  private let sharedTargets: TargetReader?
  private let notes: HierarchyNotes

  /// - Throws: If there are different numbers of elements, or their axes are unknown.
  init(
    _ datasets: [Dataset], targets: Dataset?, _ axes: AxisOrder, _ objects: SourceObjects,
    _ notes: HierarchyNotes
  ) throws {
    self.notes = notes
    file = objects.file
    inputs = try datasets.map { try objects.cells(of: $0) }
    let count = inputs[0].count
    for (dataset, cells) in zip(datasets, inputs) where cells.count != count {
      throw WeftError.data(
        "\(dataset.file): dataset \(dataset.path): has \(cells.count) elements, but \(datasets[0].path) has \(count)"
      )
    }
    orders = try zip(datasets, inputs).map { dataset, cells in
      try Self.order(of: cells, of: dataset, axes, notes)
    }
    guard let targets else {
      (self.targets, sharedTargets) = (nil, nil)
      return
    }
    if targets.datatype == .reference, try objects.texts(of: targets) == nil {
      let own = try objects.cells(of: targets)
      guard own.count == count else {
        throw WeftError.data(
          "\(targets.file): dataset \(targets.path): has \(own.count) elements, but there are \(count) sequences"
        )
      }
      (self.targets, sharedTargets) = (own, nil)
    } else {
      let reader = try TargetReader(targets, objects, notes)
      guard reader.shape.first == count else {
        throw reader.failure(
          "has the shape \(reader.shape); targets need one row for each of \(count) sequences")
      }
      (self.targets, sharedTargets) = (nil, reader)
    }
  }

  var count: Int { inputs[0].count }

  /// Calls `body` with each sequence.
  ///
  /// - Parameter group: What keeps a sequence together with others, by its number.
  func forEachSequence(group: (Int) throws -> String?, _ body: (SourceSequence) throws -> Void) throws {
    for number in 0..<count {
      let columns = try zip(inputs, orders).map { cells, order in
        try SequenceArray([cells[number]], order, notes).whole()
      }
      let (values, width) = try HierarchySource.sideBySide(columns, file: "\(file.path): sequence \(number)")
      let steps = values.count / max(width, 1)
      var target = try sharedTargets?.row(number, steps: steps)
      if let own = targets?[number] {
        let reader = try TargetReader(own, SourceObjects(file), notes)
        target = try reader.whole(steps: steps, orders[0])
      }
      try body(
        SourceSequence(
          values: values, width: width,
          isPrecise: inputs.contains { $0[number].datatype.exceedsSinglePrecision }, target: target,
          group: try group(number)))
    }
  }

  /// The order of the axes of all cells: the given one, or that in which time is the dimension that differs.
  private static func order(
    of cells: [Dataset], of dataset: Dataset, _ axes: AxisOrder, _ notes: HierarchyNotes
  ) throws -> AxisOrder {
    func failure(_ message: String) -> WeftError {
      .data("\(dataset.file): dataset \(dataset.path): \(message)")
    }
    guard let first = cells.first else { throw failure("has no elements") }
    let isMATLAB = try first.isMATLABArray
    let shapes = try cells.map { cell in
      try cell.checkHasOwnValues()
      guard cell.datatype.isNumeric else {
        throw failure("\(cell.path) has type \(cell.datatype), expected numbers")
      }
      return try cell.shape
    }
    let rank = shapes[0].count
    if let other = shapes.first(where: { $0.count != rank }) {
      throw failure("its elements have the shapes \(shapes[0]) and \(other)")
    }
    // Matrices of one row or column are vectors.
    if axes.rank < 2, rank == 1 || isMATLAB && rank == 2 && shapes.allSatisfy({ $0.contains(1) }) {
      return AxisOrder(sequence: nil, time: 0, features: [], rank: 1)
    }
    if axes.rank > 0 || rank != 2 {
      guard let order = axes.order(rank: rank, isSequence: true), order.sequence == nil else {
        throw failure(
          "its elements have the shape \(shapes[0]); \(axes.advice(rank: rank, isSequence: true))")
      }
      return order
    }
    let (rows, columns) = (Set(shapes.map { $0[0] }), Set(shapes.map { $0[1] }))
    let time: Int
    switch (rows.count > 1, columns.count > 1) {
    case (true, false): time = 0
    case (false, true): time = 1
    case (false, false):
      time = 0
      let (name, other) =
        isMATLAB ? ("features x steps", "steps x features") : ("steps x features", "features x steps")
      notes.add(
        "\(dataset.path): each of \(cells.count) sequences is \(isMATLAB ? MATLABArray.text(shapes[0]) : "\(shapes[0][0]) x \(shapes[0][1])")"
          + ", read as \(name); add --axes FT if it is \(other)")
    case (true, true):
      let other = shapes.first { $0[0] != shapes[0][0] && $0[1] != shapes[0][1] } ?? shapes[1]
      throw failure(
        "its elements have the shapes \(shapes[0]) and \(other); sequences need equal numbers of features")
    }
    return AxisOrder(sequence: nil, time: time, features: [1 - time], rank: 2)
  }
}

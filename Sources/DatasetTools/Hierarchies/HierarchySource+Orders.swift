import HDF5
import WeftBase
import WeftData

/// The orders of axes that files tell.
extension HierarchySource {
  /// The order of a matrix of MATLAB that is one sequence; nil for any other array, and where `--axes` is given.
  ///
  /// Programs keep a series as features x steps or as steps x features, of which the numbers say nothing.
  ///
  /// - Throws: If it would have more features than steps, and no targets tell.
  func matlabOrder(_ dataset: Dataset, name: String?) throws -> AxisOrder? {
    let shape = try dataset.shape
    guard axes.rank == 0, shape.count == 2, try dataset.isMATLABArray, try !dataset.isMATLABVector else {
      return nil
    }
    var length: Int?
    if let pattern = options.targets, name == nil || pattern.contains("{}"),
      case let place = Place(pattern, name: name), place.attribute == nil
    {
      let targets = try forms.dataset(place.path)
      let isText = try MATLABArray(targets)?.isText == true
      length = try targets.datatype.isNumeric && !isText ? targets.stepShape.max() : nil
    }
    let hasStepsFirst = length == shape[1] && shape[0] != shape[1]
    guard hasStepsFirst || shape[1] <= shape[0] || length == shape[0] else {
      throw WeftError.data(
        "\(file.path): dataset \(dataset.path): is \(MATLABArray.text(shape)) in MATLAB; say with --axes FT that its"
          + " \(shape[1]) rows are steps, or with --axes TF that its \(shape[0]) columns are")
    }
    notes.addOnce(
      "MATLAB",
      hasStepsFirst
        ? "\(dataset.path): \(MATLABArray.text(shape)) in MATLAB, read as steps x features, as its targets have \(shape[1]) steps"
        : "\(dataset.path): \(MATLABArray.text(shape)) in MATLAB, read as features x steps; --axes gives another order, MATLAB's last"
          + " dimension first")
    return hasStepsFirst
      ? AxisOrder(sequence: nil, time: 1, features: [0], rank: 2)
      : AxisOrder(sequence: nil, time: 0, features: [1], rank: 2)
  }

  /// How an array of MATLAB is read, with the dimensions in its own order; nil for any other array.
  func matlabReading(_ dataset: Dataset, _ order: AxisOrder) throws -> String? {
    guard try dataset.isMATLABArray else { return nil }
    let shape = try dataset.shape
    let words = shape.indices.reversed().map {
      $0 == order.sequence ? "sequences" : $0 == order.time ? "steps" : "features"
    }
    return "\(dataset.path): \(MATLABArray.text(shape)) in MATLAB, read as \(words.joined(separator: " x "));"
      + (axes.rank == 0
        ? " --axes gives another order, MATLAB's last dimension first"
        : " --axes names MATLAB's last dimension first")
  }

  /// - Throws: If the array is one of R or Octave, whose dimensions the file has in reverse, and `--axes` does not tell which
  ///   they are.
  func checkReversedOrder(_ dataset: Dataset) throws {
    let shape = try dataset.shape
    guard axes.rank == 0, (2...3).contains(shape.count), let program = try dataset.reversingProgram,
      program != "MATLAB", try !dataset.isMATLABVector
    else { return }
    let ways =
      shape.count == 2
      ? "--axes FT that its rows there are steps, or with --axes TF that its columns are"
      : "--axes FTN that these are sequences x steps x features, or with --axes NTF that they are features x steps x"
        + " sequences"
    throw WeftError.data(
      "\(file.path): dataset \(dataset.path): is \(MATLABArray.text(shape)) in \(program), which stores dimensions in reverse;"
        + " say with \(ways)")
  }

  /// The order of the axes of an array whose dimensions have names, of which one is time; nil for any other, and where
  /// `--axes` is given.
  func namedOrder(_ dataset: Dataset, isSequence: Bool) throws -> AxisOrder? {
    guard axes.rank == 0, let time = try dataset.timeAxis else { return nil }
    let names = try dataset.dimensionNames.map { $0.isEmpty ? "?" : $0 }
    let rank = names.count
    // One series, or a sequence for each index of the first dimension.
    let isOne = isSequence || time == 0
    if rank == 2, time == 1, !isOne {
      throw WeftError.data(
        "\(file.path): dataset \(dataset.path): its dimensions are \(names.joined(separator: ", ")); say with --axes NT"
          + " that each row is a sequence, or with --axes FT that it is a feature of one")
    }
    let order = AxisOrder(
      sequence: isOne ? nil : 0, time: time,
      features: (0..<rank).filter { $0 != time && (isOne || $0 != 0) }, rank: rank)
    if order != axes.order(rank: rank, isSequence: isSequence) {
      let letters = (0..<rank).map { $0 == time ? "T" : $0 == order.sequence ? "N" : "F" }.joined()
      notes.add(
        "\(dataset.path): its dimensions are \(names.joined(separator: ", ")), read as --axes \(letters)")
    }
    return order
  }
}

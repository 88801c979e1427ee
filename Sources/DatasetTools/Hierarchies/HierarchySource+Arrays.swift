import HDF5
import WeftBase
import WeftData

/// Arrays of sequences.
extension HierarchySource {
  /// Calls `body` with each sequence of arrays.
  ///
  /// - Parameter name: What `{}` stands for, where each group of a file has arrays of sequences, as those of subjects; nil for
  ///   the only ones.
  func forEachSequence(
    of datasets: [Dataset], named name: String? = nil, _ body: (SourceSequence) throws -> Void
  ) throws {
    let first = datasets[0]
    let shape = try first.shape
    let isSequence = options.files.count > 1
    try datasets.forEach(checkReversedOrder)
    guard
      let order = try namedOrder(first, isSequence: isSequence)
        ?? axes.order(rank: shape.count, isSequence: isSequence)
    else {
      throw WeftError.data(
        "\(file.path): dataset \(first.path): has the shape \(shape);"
          + " \(axes.advice(rank: shape.count, isSequence: isSequence))")
    }
    let told = shape.count > 2 ? try matlabReading(first, order) : nil
    if let told { notes.addOnce("MATLAB", told) }
    guard let axis = order.sequence, let time = order.time else {
      return try body(try sequence(named: nil, inputPatterns(first: nil), number: 0, of: 1))
    }
    let common = try commonTarget(name, order)
    let targets = common == nil ? try targetReader(name) : nil
    let arrangement = try targets?.arrangement(
      of: shape[axis], steps: shape[time], order,
      advice: told.map { "; \($0)" } ?? "")
    if name == nil { try checkGroups(count: shape[axis]) }
    try SequenceArray(datasets, order, notes).forEachSequence { number, values, width in
      var target = common
      if let targets, let arrangement {
        target = try targets.target(
          of: number, arrangement, steps: shape[time], kept: values.count / max(width, 1))
      }
      try body(
        SourceSequence(
          values: values, width: width, isPrecise: first.datatype.exceedsSinglePrecision, target: target,
          group: try group(of: number, among: shape[axis], name),
          name: name.flatMap(fullName).map { "\($0)/\(number)" }))
    }
  }

  /// The reader of targets that are all in one dataset, of a name if there is one; nil without.
  func targetReader(_ name: String? = nil) throws -> TargetReader? {
    guard let pattern = options.targets else { return nil }
    if name != nil, !pattern.contains("{}") {
      throw WeftError.usage(
        "--targets: '\(pattern)' is one dataset, but '\(options.inputs[0])' is an array of sequences for each name; name the"
          + " targets of each with '{}'")
    }
    return try TargetReader(forms.dataset(Place(pattern, name: name).path), objects, notes)
  }

  /// The target of all sequences of a name: an attribute; nil for any other.
  private func commonTarget(_ name: String?, _ order: AxisOrder) throws -> SourceSequence.Target? {
    guard let name, let pattern = options.targets, case let place = Place(pattern, name: name),
      place.attribute != nil
    else { return nil }
    return try target(place, steps: 0, order, shared: nil)
  }

  /// What keeps a sequence of an array together with others: a row, or what the name of the array tells.
  private func group(of number: Int, among count: Int, _ name: String?) throws -> String? {
    guard let name, let pattern = options.groups else { return try rowGroup(number) }
    let place = Place(pattern, name: name)
    if let path = try groupPath(place) { return path }
    let isShared = try place.attribute == nil && forms.dataset(place.path).shape == [count]
    return try text(of: place, shared: isShared ? (number, count) : nil)
  }
}

import HDF5

extension DatasetFinder {
  /// Target sequences of independent length, one for each of `count` sequences.
  func targetSequences(_ name: String, count: Int) throws -> (SequenceReader, SequencePlaces) {
    let isFlat = try dataset(name, key: "data.targets").shape.count == 1
    let offsetsName =
      try data.targetOffsets ?? (group.contains("target_offsets") || isFlat ? "target_offsets" : nil)
    let targets = try reader(name, format: offsetsName == nil ? .dense : .ragged, isTarget: true)
    let places: SequencePlaces
    if let offsetsName {
      let dataset = try dataset(offsetsName, key: "data.target_offsets")
      places = .ragged(
        offsets: try offsets(dataset, steps: shape(targets.dataset)[0], of: "targets", allowsEmpty: true))
    } else {
      let own = try data.targetLengths ?? (group.contains("target_lengths") ? "target_lengths" : nil)
      places = .dense(
        lengths: try lengths(
          targets.dataset, sequences: targets.dataset.shape[0], name: own, key: "data.target_lengths",
          minimum: 0))
    }
    guard places.count == count else {
      throw failure(targets.dataset, "has \(places.count) sequences, but the inputs have \(count)")
    }
    return (targets, places)
  }

  /// The lengths of dense sequences of inputs that lie side by side, and whether they follow from missing steps at the
  /// ends.
  func lengths(
    _ inputs: [SequenceReader], sequences: Int
  ) throws -> (lengths: [Int], arePadded: Bool) {
    let name = try data.lengths ?? (group.contains("lengths") ? "lengths" : nil)
    if name == nil, let lengths = try PaddedLengths(inputs, padding: data.padding)?.lengths() {
      if let row = lengths.firstIndex(of: 0) {
        throw failure(
          inputs[0].dataset,
          "row \(row) has no values; remove it, or name the lengths with data.lengths")
      }
      return (lengths, true)
    }
    let lengths = try lengths(
      inputs[0].dataset, sequences: sequences, name: name, key: "data.lengths", minimum: 1)
    return (lengths, false)
  }

  /// - Parameters:
  ///   - name: The dataset of lengths; nil if all sequences have full length.
  ///   - minimum: The minimum length.
  func lengths(
    _ values: Dataset, sequences: Int, name: String?, key: String, minimum: Int
  ) throws -> [Int] {
    let time = try values.shape[1]
    guard time > 0 else { throw failure(values, "contains empty sequences") }
    guard let name else { return [Int](repeating: time, count: sequences) }
    let dataset = try dataset(name, key: key)
    let lengths = try dataset.readWholeNumbers()
    guard lengths.count == sequences else {
      throw failure(dataset, "has \(lengths.count) lengths, but there are \(sequences) sequences")
    }
    if let row = lengths.firstIndex(where: { !(minimum...time).contains($0) }) {
      throw failure(dataset, "length \(lengths[row]) of row \(row) is not between \(minimum) and \(time)")
    }
    return lengths
  }

  /// The names of the sequences: texts, or numbers as texts; nil if there are none.
  func names(count: Int) throws -> [String]? {
    let usual = "names"
    guard let name = try data.names ?? (group.contains(usual) ? usual : nil) else { return nil }
    if data.names == nil, try !group.children.contains(where: { $0.name == usual && $0.isDataset }) {
      return nil
    }
    let dataset = try dataset(name, key: "data.names")
    let names: [String]
    switch dataset.datatype {
    case .string, .fixedString: names = try dataset.read(as: String.self)
    case .integer: names = try dataset.read(as: Int.self).map { "\($0)" }
    default:
      if data.names == nil { return nil }
      throw failure(dataset, "has type \(dataset.datatype); the names of sequences are texts or integers")
    }
    guard names.count == count else {
      if data.names == nil { return nil }
      throw failure(dataset, "has \(names.count) names, but there are \(count) sequences")
    }
    return names
  }

  func offsets(steps: Int) throws -> [Int] {
    let dataset = try dataset(data.offsets ?? "offsets", key: "data.offsets")
    return try offsets(dataset, steps: steps, of: "inputs", allowsEmpty: false)
  }

  func offsets(
    _ dataset: Dataset, steps: Int, of values: String, allowsEmpty: Bool
  ) throws -> [Int] {
    let offsets = try dataset.readWholeNumbers()
    guard offsets.count >= 2, offsets.first == 0, offsets.last == steps else {
      throw failure(dataset, "must start with 0 and end with \(steps), the number of steps of the \(values)")
    }
    // Compared, not subtracted: the difference may overflow.
    if let row = zip(offsets, offsets.dropFirst()).enumerated().first(where: {
      $1.1 < $1.0 || $1.1 == $1.0 && !allowsEmpty
    })?
    .offset {
      let wanted = allowsEmpty ? "offsets must be ascending" : "sequences must not be empty"
      throw failure(dataset, "sequence \(row) has offsets \(offsets[row]) to \(offsets[row + 1]); \(wanted)")
    }
    return offsets
  }
}

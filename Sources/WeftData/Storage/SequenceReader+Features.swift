import HDF5
import WeftBase

extension SequenceReader {
  /// Reads the features of blocks into some columns of an array.
  ///
  /// - Parameters:
  ///   - scale: The scale of these features; nil to leave them as they are.
  ///   - marks: The columns that receive 1 where a value is missing and 0 elsewhere; nil for none.
  func read(
    _ blocks: [StepBlockPlace], into values: inout [Float], _ columns: StepColumns,
    _ scale: FeatureScale?,
    marks: StepColumns? = nil
  ) throws(WeftError) {
    // Digits that single precision lacks count only for what is subtracted.
    let isPrecise = isPrecise && (scale != nil || isPacked)
    let mayBeAtOnce =
      !isPrecise && marks == nil && !isPacked && categories.isEmpty && !mayMiss
      && range == SequenceReader.finite
    var (step, index) = (0, 0)
    while index < blocks.count {
      let (joined, end) = mayBeAtOnce ? blocks.joined(from: index) : (blocks[index], index + 1)
      let own = index..<end
      index = end
      // What is wrong in several, if anything, is found by reading them one by one.
      if own.count > 1, try read(joined, into: &values, at: step, columns, isChecked: false) {
        step += joined.count.reduce(1, *)
        continue
      }
      for block in blocks[own] {
        try read(block, into: &values, at: step, columns, scale, marks: marks, isPrecise: isPrecise)
        step += block.count.reduce(1, *)
      }
    }
    if !isPrecise { scale?.scale(&values, steps: 0..<step, columns: columns) }
  }

  /// Reads the features of a block; they are scaled if they are precise.
  private func read(
    _ block: StepBlockPlace, into values: inout [Float], at step: Int, _ columns: StepColumns,
    _ scale: FeatureScale?, marks: StepColumns?, isPrecise: Bool
  ) throws(WeftError) {
    let size = block.count.reduce(1, *)
    if isPrecise {
      let own = StepColumns(width: width)
      var numbers = ChunkReader.undefined(count: size * width, of: Double.self)
      let areComplete = try read(block, into: &numbers, at: 0, own)
      if let marks {
        let isMissing = numbers.map { $0.isNaN ? 1 : 0 as Float }
        FeatureScale.identity(width).scale(
          isMissing.map { Double($0) }, into: &values, at: step, columns: marks)
      }
      if !areComplete { try replaceMissing(in: &numbers, steps: 0..<size, own, from: block) }
      (scale ?? .identity(width)).scale(numbers, into: &values, at: step, columns: columns)
    } else {
      let areComplete = try read(block, into: &values, at: step, columns)
      if let marks { mark(&values, steps: step..<step + size, columns, in: marks) }
      if !areComplete {
        try replaceMissing(in: &values, steps: step..<step + size, columns, from: block)
      }
    }
    for category in categories {
      if let bad = category.translate(&values, steps: step..<step + size, columns: columns) {
        throw failure(at: block.offset, step: bad.step - step) {
          bad.message.replacing("{place}", with: $0)
        }
      }
    }
  }

  /// Marks missing values in other columns of the same steps.
  private func mark(
    _ values: inout [Float], steps: Range<Int>, _ columns: StepColumns, in marks: StepColumns
  ) {
    for step in steps {
      let (source, target) = (columns.place(of: step), marks.place(of: step))
      for feature in 0..<width { values[target + feature] = values[source + feature].isNaN ? 1 : 0 }
    }
  }

  /// Reads the unscaled features of blocks, row-major, in double precision; missing values are NaN.
  func numbers(_ blocks: [StepBlockPlace]) throws(WeftError) -> [Double] {
    let steps = blocks.reduce(0) { $0 + $1.count.reduce(1, *) }
    var values = ChunkReader.undefined(count: steps * width, of: Double.self)
    var step = 0
    for block in blocks {
      _ = try read(block, into: &values, at: step, StepColumns(width: width))
      step += block.count.reduce(1, *)
    }
    try mask?.apply(to: &values, width: width, blocks)
    return values
  }

  /// Whether each feature has more digits than single precision.
  var arePrecise: [Bool] {
    [Bool](repeating: isPrecise, count: width)
  }

  /// Reads and checks the unscaled features of a block; missing values are NaN.
  ///
  /// - Parameter isChecked: Whether values that are not allowed are an error.
  /// - Returns: Whether no value is missing, as far as known.
  func read<Value: StepNumber & BinaryFloatingPoint>(
    _ block: StepBlockPlace, into values: inout [Value], at step: Int, _ columns: StepColumns,
    isChecked: Bool = true
  ) throws(WeftError) -> Bool {
    let (offset, count) = block
    let steps = step..<step + count.reduce(1, *)
    let feature: StepBlockPlace = isScalar ? ([], []) : ([0], [width])
    let areFinite = try fill(
      &values, at: step, columns, (offset + feature.offset, count + feature.count))
    unpack(&values, steps: steps, columns, of: block)
    if areFinite, !isPacked, range == SequenceReader.finite { return true }
    if isChecked { try check(values, steps: steps, columns, of: block) }
    return false
  }

  /// Whether stored numbers are not what they mean, in one of the files.
  var isPacked: Bool { packed != nil || !packings.isEmpty }

  /// Replaces stored numbers of a block by what its files say that they mean.
  func unpack<Value: BinaryFloatingPoint>(
    _ values: inout [Value], steps: Range<Int>, _ columns: StepColumns, of block: StepBlockPlace
  ) {
    guard !packings.isEmpty, let parts = stored?.parts else {
      packed?.unpack(&values, steps: steps, columns: columns)
      return
    }
    let (first, stepsOfRow) = (block.offset[0], block.count.dropFirst().reduce(1, *))
    for (part, packed) in zip(parts, packings) {
      let rows = (part.first..<part.first + part.rows).clamped(to: first..<first + block.count[0])
      let start = steps.lowerBound + (rows.lowerBound - first) * stepsOfRow
      packed?.unpack(&values, steps: start..<start + rows.count * stepsOfRow, columns: columns)
    }
  }

  /// Whether missing values are no error.
  var mayMiss: Bool { allowsMissing || missing.policy != .error }

  /// Checks the features of a block.
  private func check<Value: BinaryFloatingPoint>(
    _ values: [Value], steps: Range<Int>, _ columns: StepColumns, of block: StepBlockPlace
  ) throws(WeftError) {
    let (mayMiss, offset) = (mayMiss, block.offset)
    let counts = try mask?.read(block)
    for step in steps where counts?[step - steps.lowerBound] ?? true {
      let start = columns.place(of: step)
      guard
        let value = values[start..<start + width].first(where: {
          !range.contains(Float($0)) && !(mayMiss && $0.isNaN)
        })
      else { continue }
      let wanted =
        range.upperBound < .greatestFiniteMagnitude
        ? "between \(range.lowerBound) and \(range.upperBound)"
        : Float(value) < range.lowerBound && value.isFinite ? "at least 0" : "finite"
      throw failure(at: offset, step: step - steps.lowerBound) { place in
        value.isNaN && isPacked
          ? "the value \(place) is missing, by its attribute _FillValue, missing_value or valid_range"
            + (isInput
              ? "; data.missing_inputs says what replaces it" : "; set data.missing_targets to ignore it")
          : "\(value) \(place) is not \(wanted)"
            + (value.isNaN && isInput ? "; data.missing_inputs says what replaces missing values" : "")
      }
    }
  }
}

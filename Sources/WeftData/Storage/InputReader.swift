import HDF5
import WeftBase

/// Reads the inputs of a split: one dataset of tokens or features, or the concatenated features of several.
package struct InputReader: Sendable {
  /// Readers of the same steps, a single one for tokens; and after them those of static features.
  let parts: [SequenceReader]
  /// How many of them are of static features: one row for each sequence, which all its steps have.
  let staticCount: Int
  /// The sequences, if there are static features.
  var places: SequencePlaces?
  /// Scaling of the features; nil for none.
  var scale: FeatureScale?
  /// Scaling of each sequence by itself, in place of `scale`; nil for the same everywhere.
  package var series: SeriesScale?

  package init(parts: [SequenceReader], staticCount: Int = 0, scale: FeatureScale? = nil) {
    self.parts = parts
    self.staticCount = staticCount
    self.scale = scale
  }

  /// Values per step that are not static, and no marks.
  var stepwiseWidth: Int { stepwise.reduce(0) { $0 + $1.width } }

  /// Values of static features.
  var staticWidth: Int { parts.suffix(staticCount).reduce(0) { $0 + $1.width } }

  /// The same reader without static features.
  var withoutStatics: InputReader { InputReader(parts: Array(stepwise)) }

  private var stepwise: ArraySlice<SequenceReader> { parts.dropLast(staticCount) }

  /// Values per step, with the marks of missing ones.
  package var width: Int { valueWidth * (marksMissing ? 2 : 1) }

  /// Values per step in the file.
  var valueWidth: Int { parts.reduce(0) { $0 + $1.width } }

  /// Whether further features mark missing values.
  var marksMissing: Bool {
    guard let first = parts.first, case .features = first.content else { return false }
    return first.missing.policy == .mask
  }

  package var content: StepKind { parts.count == 1 ? parts[0].content : .features(width) }

  /// The categorical columns of all datasets, with their index among the features of a step.
  var categories: [(index: Int, column: CategoryColumn)] {
    var first = 0
    return parts.flatMap { part in
      defer { first += part.width }
      return part.categories.map { [first] in (first + $0.column, $0) }
    }
  }

  /// Reads `steps` steps from `first` on, from datasets whose first dimension is time.
  package func read(first: Int, steps: Int) throws(WeftError) -> Steps<FeatureArray> {
    try read([([first], [steps])])
  }

  /// Reads and concatenates ranges of steps, from datasets whose first dimension is time.
  ///
  /// - Throws: If they cannot be read.
  package func read(_ ranges: [Range<Int>]) throws(WeftError) -> Steps<FeatureArray> {
    try read(ranges.map { ([$0.lowerBound], [$0.count]) })
  }

  /// Reads and concatenates blocks, which are in row-major order and without the feature dimension.
  func read(_ blocks: [StepBlockPlace]) throws(WeftError) -> Steps<FeatureArray> {
    if case .tokens = content { return try parts[0].read(blocks) }
    var values = ChunkReader.undefined(count: steps(of: blocks) * width, of: Float.self)
    try read(blocks, into: &values, of: width, first: 0)
    return .features(values, width: width)
  }

  /// Reads the features of blocks into some columns of an array.
  ///
  /// - Parameters:
  ///   - stride: Values per step of the array.
  ///   - first: The first column.
  func read(
    _ blocks: [StepBlockPlace], into values: inout [Float], of stride: Int, first: Int
  ) throws(WeftError) {
    guard let series else {
      return try read(blocks, into: &values, of: stride, first: first, scale, fills: nil)
    }
    var step = 0
    for block in blocks {
      let number = series.series(of: block)
      try read(
        [block], into: &values, of: stride, first: first + step * stride, series.table[number],
        fills: series.table.fills(of: number))
      step += block.count.reduce(1, *)
    }
  }

  /// - Parameter fills: What replaces missing values; nil for what the parts have.
  private func read(
    _ blocks: [StepBlockPlace], into values: inout [Float], of stride: Int, first: Int,
    _ scale: FeatureScale?,
    fills: ArraySlice<Float>?
  ) throws(WeftError) {
    let (marksMissing, valueWidth) = (marksMissing, valueWidth)
    let parts = fills.map { self.parts(filledWith: $0) } ?? parts
    var column = first
    for (index, part) in parts.enumerated() {
      let columns = StepColumns(width: part.width, of: stride, first: column)
      let marks =
        marksMissing ? StepColumns(width: part.width, of: stride, first: column + valueWidth) : nil
      let scale = scale?.features(column - first..<column - first + part.width)
      if index < parts.count - staticCount {
        try part.read(blocks, into: &values, columns, scale, marks: marks)
      } else {
        // The features, and after them their marks.
        let rowWidth = part.width * (marks == nil ? 1 : 2)
        var rows = [Float](repeating: 0, count: blocks.count * rowWidth)
        try part.read(
          rowsOfSequences(blocks), into: &rows, StepColumns(width: part.width, of: rowWidth), scale,
          marks: marks.map { _ in StepColumns(width: part.width, of: rowWidth, first: part.width) })
        repeatRows(rows, of: rowWidth, first: 0, in: blocks, into: &values, columns)
        if let marks { repeatRows(rows, of: rowWidth, first: part.width, in: blocks, into: &values, marks) }
      }
      column += part.width
    }
  }

  /// Reads the unscaled features of blocks, row-major, in double precision.
  func numbers(_ blocks: [StepBlockPlace]) throws(WeftError) -> [Double] {
    if parts.count == 1 { return try parts[0].numbers(blocks) }
    let columns = try parts.enumerated().map { index, part throws(WeftError) in
      guard index >= parts.count - staticCount else { return (try part.numbers(blocks), part.width) }
      var values = [Double](repeating: 0, count: steps(of: blocks) * part.width)
      repeatRows(
        try part.numbers(rowsOfSequences(blocks)), of: part.width, first: 0, in: blocks, into: &values,
        StepColumns(width: part.width))
      return (values, part.width)
    }
    return (0..<steps(of: blocks)).flatMap { step in
      columns.flatMap { values, width in values[step * width..<(step + 1) * width] }
    }
  }

  private func steps(of blocks: [StepBlockPlace]) -> Int {
    blocks.reduce(0) { $0 + $1.count.reduce(1, *) }
  }

  /// The row of static features of each block's sequence.
  private func rowsOfSequences(_ blocks: [StepBlockPlace]) -> [StepBlockPlace] {
    guard let places else { preconditionFailure("static features are of sequences") }
    return blocks.map { ([places.sequence(holding: $0.offset)], [1]) }
  }

  /// Writes the row of each block to all its steps.
  ///
  /// - Parameters:
  ///   - width: Values per row.
  ///   - first: The first of those that are written.
  private func repeatRows<Value: BinaryFloatingPoint>(
    _ rows: [Value], of width: Int, first: Int, in blocks: [StepBlockPlace], into values: inout [Value],
    _ columns: StepColumns
  ) {
    var step = 0
    for (row, block) in blocks.enumerated() {
      let start = row * width + first
      let features = rows[start..<start + columns.width]
      for _ in 0..<block.count.reduce(1, *) {
        let place = columns.place(of: step)
        values.replaceSubrange(place..<place + columns.width, with: features)
        step += 1
      }
    }
  }

  /// The same reader, for steps of sequences that lie one after the other.
  func startingSequences(at offsets: [Int]) -> InputReader {
    var parts = parts
    for index in parts.indices.dropLast(staticCount) where parts[index].missing.policy == .forward {
      parts[index].missing.starts = offsets.dropLast()
    }
    return with(parts)
  }

  /// The same reader, which replaces missing values by these means.
  func filling(with fills: [Float]) -> InputReader { with(parts(filledWith: fills[...])) }

  private func parts(filledWith fills: ArraySlice<Float>) -> [SequenceReader] {
    var (parts, first) = (parts, fills.startIndex)
    for index in parts.indices {
      let width = parts[index].width
      parts[index].missing.fills = Array(fills[first..<first + width])
      first += width
    }
    return parts
  }

  /// The store of the datasets' blocks, if any.
  var store: ChunkStore? { parts[0].stored?.store }

  /// Steps of the shortest dataset.
  ///
  /// - Throws: If one of them cannot be read.
  package func steps() throws(WeftError) -> Int {
    var minimum = Int.max
    for part in stepwise {
      do { minimum = min(minimum, try part.dataset.shape[0]) } catch { throw WeftError(error) }
    }
    return minimum
  }

  /// Calls `body` with the chunks that overlap a block.
  func visitChunks(_ block: StepBlockPlace, _ body: (ChunkStore.Key) -> Void) {
    // In place: a copy of a reader counts the references of everything that it has.
    let (all, first) = (parts.indices, parts.count - staticCount)
    for index in all[..<first] { parts[index].visitChunks(block, body) }
    if staticCount == 0 { return }
    let row = rowsOfSequences([block])[0]
    for index in all[first...] { parts[index].visitChunks(row, body) }
  }

  /// The same reader, reading through a store.
  ///
  /// - Throws: If a dataset cannot be read, or its blocks do not fit into the store.
  package func reading(through store: ChunkStore) throws -> InputReader {
    try with(parts.map { try $0.reading(through: store) })
  }

  /// The same reader of other datasets of the same content.
  func with(_ parts: [SequenceReader]) -> InputReader {
    var reader = InputReader(parts: parts, staticCount: staticCount, scale: scale)
    reader.places = places
    reader.series = series
    return reader
  }

  /// The same reader, with the categories of a model.
  ///
  /// - Parameter categories: Of all features of a step; those of this reader begin at `first`.
  func fitted(to categories: [CategoricalFeature], first: Int = 0) -> InputReader {
    var start = first
    return with(
      parts.map { part in
        defer { start += part.width }
        var part = part
        part.categories = part.categories.map { column in
          categories.first { $0.column == start + column.column }.map(column.fitted) ?? column
        }
        return part
      })
  }
}

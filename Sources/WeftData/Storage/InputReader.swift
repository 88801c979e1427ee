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

  package init(parts: [SequenceReader], staticCount: Int = 0, scale: FeatureScale? = nil) {
    self.parts = parts
    self.staticCount = staticCount
    self.scale = scale
  }

  /// Values per step that are not static.
  var stepwiseWidth: Int { stepwise.reduce(0) { $0 + $1.width } }

  private var stepwise: ArraySlice<SequenceReader> { parts.dropLast(staticCount) }

  /// Values per step.
  package var width: Int { parts.reduce(0) { $0 + $1.width } }

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

  /// Reads and concatenates blocks, which are in row-major order and without the feature dimension.
  func read(_ blocks: [StepBlockPlace]) throws(WeftError) -> Steps<FeatureArray> {
    if case .tokens = content { return try parts[0].read(blocks) }
    let steps = blocks.reduce(0) { $0 + $1.count.reduce(1, *) }
    var values = ChunkReader.undefined(count: steps * width, of: Float.self)
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
    var column = first
    for (index, part) in parts.enumerated() {
      let columns = StepColumns(width: part.width, of: stride, first: column)
      let scale = scale?.features(column - first..<column - first + part.width)
      if index < parts.count - staticCount {
        try part.read(blocks, into: &values, columns, scale)
      } else {
        var rows = [Float](repeating: 0, count: blocks.count * part.width)
        try part.read(rowsOfSequences(blocks), into: &rows, StepColumns(width: part.width), scale)
        repeatRows(rows, in: blocks, into: &values, columns)
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
        try part.numbers(rowsOfSequences(blocks)), in: blocks, into: &values, StepColumns(width: part.width))
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
  private func repeatRows<Value: BinaryFloatingPoint>(
    _ rows: [Value], in blocks: [StepBlockPlace], into values: inout [Value], _ columns: StepColumns
  ) {
    var step = 0
    for (row, block) in blocks.enumerated() {
      let features = rows[row * columns.width..<(row + 1) * columns.width]
      for _ in 0..<block.count.reduce(1, *) {
        let place = columns.place(of: step)
        values.replaceSubrange(place..<place + columns.width, with: features)
        step += 1
      }
    }
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
    for part in stepwise { part.visitChunks(block, body) }
    if staticCount == 0 { return }
    let row = rowsOfSequences([block])[0]
    for part in parts.suffix(staticCount) { part.visitChunks(row, body) }
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

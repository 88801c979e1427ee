import HDF5
import WeftBase
import WeftConfiguration

/// A block of a dataset: first index and extent in each dimension except that of features.
package typealias StepBlockPlace = (offset: [Int], count: [Int])

/// Reads and checks blocks of one dataset, as tokens or features.
package struct SequenceReader: Sendable {
  let dataset: Dataset
  let file: String
  /// Kind of the steps.
  package let content: StepKind
  /// Whether steps are single numbers, so that the dataset has no feature dimension.
  let isScalar: Bool
  /// Whether a matrix of one row or column is read as a vector.
  var isVector = false
  /// Reads through a block store; nil to read with the library.
  var stored: JoinedDataset?
  /// Kind of tokens, for messages, and the minimum allowed: −1 for classes, where it marks ignored steps.
  var tokenRange: TokenRange = .tokens
  /// Range of features: all finite numbers, unless the loss restricts it.
  var range = SequenceReader.finite
  /// Whether features may be NaN (missing).
  var allowsMissing = false
  /// What stored features mean by the conventions of NetCDF; nil for the numbers themselves.
  var packed: PackedValues?
  /// Columns whose values are numbers of categories.
  var categories: [CategoryColumn] = []
  /// Scaling of the features; nil for none.
  package var scale: FeatureScale?
  /// The model's number of each class of the file; nil if they are the same.
  var classNumbers: [Int32]?
  /// Index of the CTC blank, which is not allowed as a label.
  var blank: Int?

  package init(dataset: Dataset, file: String, content: StepKind, isScalar: Bool) {
    self.dataset = dataset
    self.file = file
    self.content = content
    self.isScalar = isScalar
  }

  private static let finite = -Float.greatestFiniteMagnitude...Float.greatestFiniteMagnitude

  /// Allowed range of tokens.
  enum TokenRange: Sendable {
    case tokens
    case classes
    case labels

    var name: String { self == .tokens ? "token" : "class" }
    var minimum: Int32 { self == .classes ? -1 : 0 }
  }

  /// Values per step.
  package var width: Int {
    if case .features(let width) = content { width } else { 1 }
  }

  /// Reads `steps` steps from `first` on, from a dataset whose first dimension is time.
  package func read(first: Int, steps: Int) throws(WeftError) -> Steps<FeatureArray> {
    try read([([first], [steps])])
  }

  /// Reads and concatenates blocks of features.
  func features(_ blocks: [StepBlockPlace]) throws(WeftError) -> FeatureArray {
    guard let features = try read(blocks).features else { preconditionFailure("the dataset contains tokens") }
    return features
  }

  /// Reads and concatenates blocks, which are in row-major order and without the feature dimension.
  func read(_ blocks: [StepBlockPlace]) throws(WeftError) -> Steps<FeatureArray> {
    let steps = blocks.reduce(0) { $0 + $1.count.reduce(1, *) }
    switch content {
    case .tokens:
      var tokens = ChunkReader.undefined(count: steps, of: Int32.self)
      var step = 0
      for block in blocks {
        let size = block.count.reduce(1, *)
        _ = try fill(&tokens, at: step, StepColumns(width: 1), block)
        if let classNumbers {
          try translate(&tokens, step..<step + size, by: classNumbers, from: block.offset)
        }
        try check(tokens[step..<step + size], from: block.offset)
        step += size
      }
      return .tokens(tokens)
    case .features(let width):
      var values = ChunkReader.undefined(count: steps * width, of: Float.self)
      try read(blocks, into: &values, StepColumns(width: width), scale)
      return .features(values, width: width)
    }
  }

  /// Reads the features of blocks into some columns of an array.
  ///
  /// - Parameter scale: The scale of these features; nil to leave them as they are.
  func read(
    _ blocks: [StepBlockPlace], into values: inout [Float], _ columns: StepColumns, _ scale: FeatureScale?
  ) throws(WeftError) {
    // Digits that single precision lacks count only for what is subtracted.
    let isPrecise = dataset.datatype.exceedsSinglePrecision && (scale != nil || packed != nil)
    var step = 0
    for block in blocks {
      let size = block.count.reduce(1, *)
      if isPrecise {
        var numbers = ChunkReader.undefined(count: size * width, of: Double.self)
        try read(block, into: &numbers, at: 0, StepColumns(width: width))
        if let scale {
          scale.scale(numbers, into: &values, at: step, columns: columns)
        } else {
          FeatureScale.identity(width).scale(numbers, into: &values, at: step, columns: columns)
        }
      } else {
        try read(block, into: &values, at: step, columns)
      }
      for category in categories {
        if let bad = category.translate(&values, steps: step..<step + size, columns: columns) {
          throw failure(at: block.offset, step: bad.step - step) {
            bad.message.replacing("{place}", with: $0)
          }
        }
      }
      step += size
    }
    if !isPrecise { scale?.scale(&values, steps: 0..<step, columns: columns) }
  }

  /// Reads the unscaled features of blocks, row-major, in double precision.
  func numbers(_ blocks: [StepBlockPlace]) throws(WeftError) -> [Double] {
    let steps = blocks.reduce(0) { $0 + $1.count.reduce(1, *) }
    var values = ChunkReader.undefined(count: steps * width, of: Double.self)
    var step = 0
    for block in blocks {
      try read(block, into: &values, at: step, StepColumns(width: width))
      step += block.count.reduce(1, *)
    }
    return values
  }

  /// Whether each feature has more digits than single precision.
  var arePrecise: [Bool] {
    [Bool](repeating: dataset.datatype.exceedsSinglePrecision, count: width)
  }

  /// Reads and checks the unscaled features of a block.
  private func read<Value: StepNumber & BinaryFloatingPoint>(
    _ block: StepBlockPlace, into values: inout [Value], at step: Int, _ columns: StepColumns
  ) throws(WeftError) {
    let (offset, count) = block
    let steps = step..<step + count.reduce(1, *)
    let feature: StepBlockPlace = isScalar ? ([], []) : ([0], [width])
    let areFinite = try fill(&values, at: step, columns, (offset + feature.offset, count + feature.count))
    packed?.unpack(&values, steps: steps, columns: columns)
    if !areFinite || packed != nil || range != SequenceReader.finite {
      try check(values, steps: steps, columns, from: offset)
    }
  }

  /// Replaces the numbers of a file's classes by those of a model.
  private func translate(
    _ tokens: inout [Int32], _ steps: Range<Int>, by numbers: [Int32], from offset: [Int]
  ) throws(WeftError) {
    for step in steps where tokens[step] >= 0 {
      guard tokens[step] < numbers.count else {
        throw failure(at: offset, step: step - steps.lowerBound) { place in
          "class \(tokens[step]) \(place) is not between 0 and \(numbers.count - 1)"
        }
      }
      tokens[step] = numbers[Int(tokens[step])]
    }
  }

  /// Checks the tokens of a block.
  private func check(_ tokens: ArraySlice<Int32>, from offset: [Int]) throws(WeftError) {
    let bound = content.size
    if let index = tokens.firstIndex(where: { $0 < tokenRange.minimum || $0 >= bound }) {
      throw failure(at: offset, step: index - tokens.startIndex) { place in
        "\(tokenRange.name) \(tokens[index]) \(place) is not between 0 and \(bound - 1)"
      }
    }
    if let blank, let index = tokens.firstIndex(of: Int32(blank)) {
      throw failure(at: offset, step: index - tokens.startIndex) { place in
        "class \(blank) \(place) equals loss.blank, which is reserved"
      }
    }
  }

  /// Checks the features of a block.
  private func check<Value: BinaryFloatingPoint>(
    _ values: [Value], steps: Range<Int>, _ columns: StepColumns, from offset: [Int]
  ) throws(WeftError) {
    for step in steps {
      let start = columns.place(of: step)
      guard
        let value = values[start..<start + width].first(where: {
          !range.contains(Float($0)) && !(allowsMissing && $0.isNaN)
        })
      else { continue }
      let wanted =
        range.upperBound < .greatestFiniteMagnitude
        ? "between \(range.lowerBound) and \(range.upperBound)" : "finite"
      throw failure(at: offset, step: step - steps.lowerBound) { place in
        value.isNaN && packed != nil
          ? "the value \(place) is missing, by its attribute _FillValue or missing_value"
          : "\(value) \(place) is not \(wanted)"
      }
    }
  }

  /// An error in a step of a block, with its file and position.
  private func failure(at offset: [Int], step: Int, _ message: (String) -> String) -> WeftError {
    let isRow = offset.count > 1
    let row = isRow ? offset[0] : offset[0] + step
    guard let part = stored?.part(holding: row) else {
      return failure(message(isRow ? "in row \(row)" : "at \(row)"))
    }
    let place = isRow ? "in row \(row - part.first)" : "at \(row - part.first)"
    return .failure("\(part.file): dataset \(part.path): \(message(place))")
  }

  private func failure(_ message: String) -> WeftError {
    .failure("\(file): dataset \(dataset.path): \(message)")
  }

  /// Reads a block into some steps of an array; returns whether all values are known to be finite.
  private func fill<Element: StepNumber>(
    _ values: inout [Element], at step: Int, _ columns: StepColumns, _ block: StepBlockPlace
  ) throws(WeftError) -> Bool {
    do {
      if let stored {
        return try stored.read(
          offset: block.offset, count: block.count, into: &values, at: step, columns)
      }
      let read = try dataset.read(as: Element.self, offset: block.offset, count: block.count)
      for index in 0..<read.count / columns.width {
        let place = columns.place(of: step + index)
        values.replaceSubrange(
          place..<place + columns.width, with: read[index * columns.width..<(index + 1) * columns.width])
      }
      return false
    } catch { throw WeftError(error) }
  }

  /// Calls `body` with the chunks that overlap a block.
  func visitChunks(_ block: StepBlockPlace, _ body: (ChunkStore.Key) -> Void) {
    stored?.visitChunks(offset: block.offset, count: block.count, body)
  }

  /// Concatenates the same dataset of several files, read through a store.
  ///
  /// - Throws: If a dataset cannot be read, its shape differs from the first, or its blocks do not fit into the store.
  static func joined(_ readers: [SequenceReader], in store: ChunkStore) throws -> SequenceReader {
    var result = readers[0]
    let extent = try result.dataset.shape.dropFirst()
    for reader in readers.dropFirst()
    where try reader.isVector != result.isVector
      || !result.isVector && reader.dataset.shape.dropFirst() != extent
    {
      throw reader.failure(
        "has the shape \(try reader.dataset.shape) but that of \(result.file) has"
          + " \(try result.dataset.shape): only the first dimension may differ")
    }
    let stored = try JoinedDataset(
      readers.map { ($0.file, $0.dataset) }, areVectors: result.isVector, in: store)
    guard stored.chunkByteCount <= store.limit / 2 else {
      throw result.failure(
        "its chunks need \(stored.chunkByteCount >> 20) MiB each, too much for data.memory_budget"
          + " \(ByteCount(store.budget)); increase it, or rewrite the file with smaller chunks")
    }
    result.stored = stored
    return result
  }

  /// The same reader, reading through a store.
  ///
  /// - Throws: If the dataset cannot be read, or its blocks do not fit into the store.
  func reading(through store: ChunkStore) throws -> SequenceReader { try .joined([self], in: store) }
}

import HDF5
import WeftBase

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
  /// How stored values stand for tokens.
  var coding = ClassCoding.numbers
  /// Range of features: all finite numbers, unless the loss restricts it.
  var range = SequenceReader.finite
  /// Whether it is of inputs, for messages.
  var isInput = false
  /// Whether features may be NaN (missing).
  var allowsMissing = false
  /// What replaces missing features.
  var missing = MissingValues()
  /// What stored numbers mean by the conventions of NetCDF; nil for the numbers themselves.
  var packed: PackedValues?
  /// The same for each of several files that say it differently, in place of `packed`; empty if they agree.
  var packings: [PackedValues?] = []
  /// Whether values may have more digits than single precision holds.
  var isPrecise: Bool
  /// Columns whose values are numbers of categories.
  var categories: [CategoryColumn] = []
  /// Scaling of the features; nil for none.
  package var scale: FeatureScale?
  /// Scaling of each sequence by itself, in place of `scale`; nil for the same everywhere.
  package var series: SeriesScale?
  /// The model's number of each class of the file; nil if they are the same.
  var classNumbers: [Int32]?
  /// Index of the CTC blank, which is not allowed as a label.
  var blank: Int?
  /// Tells which targets count; nil for all.
  var mask: TargetMask?

  package init(dataset: Dataset, file: String, content: StepKind, isScalar: Bool) {
    self.dataset = dataset
    self.file = file
    self.content = content
    self.isScalar = isScalar
    isPrecise = dataset.datatype.exceedsSinglePrecision
  }

  static let finite = -Float.greatestFiniteMagnitude...Float.greatestFiniteMagnitude

  /// Allowed range of tokens.
  enum TokenRange: Sendable {
    case tokens
    case classes
    case labels

    var name: String { self == .tokens ? "token" : "class" }
    var minimum: Int32 { self == .classes ? -1 : 0 }

    /// The class that PyTorch's losses ignore, which is read as −1.
    static let ignoredInPyTorch: Int32 = -100
  }

  /// Values per step.
  package var width: Int {
    if case .features(let width) = content { width } else { 1 }
  }

  /// Reads `steps` steps from `first` on, from a dataset whose first dimension is time.
  package func read(first: Int, steps: Int) throws(WeftError) -> Steps<FeatureArray> {
    try read([([first], [steps])])
  }

  /// Reads and concatenates ranges of steps, from a dataset whose first dimension is time.
  ///
  /// - Throws: If they cannot be read.
  package func read(_ ranges: [Range<Int>]) throws(WeftError) -> Steps<FeatureArray> {
    try read(ranges.map { ([$0.lowerBound], [$0.count]) })
  }

  /// Reads and concatenates blocks of features.
  func features(_ blocks: [StepBlockPlace]) throws(WeftError) -> FeatureArray {
    guard let features = try read(blocks).features else {
      preconditionFailure("the dataset contains tokens")
    }
    return features
  }

  /// Reads and concatenates blocks, which are in row-major order and without the feature dimension.
  func read(_ blocks: [StepBlockPlace]) throws(WeftError) -> Steps<FeatureArray> {
    let steps = blocks.reduce(0) { $0 + $1.count.reduce(1, *) }
    switch content {
    case .tokens: return .tokens(try tokens(blocks, steps: steps))
    case .features(let width):
      var values = ChunkReader.undefined(count: steps * width, of: Float.self)
      if let series {
        var step = 0
        for block in blocks {
          try read(
            [block], into: &values, StepColumns(width: width, first: step * width),
            series.table[series.series(of: block)])
          step += block.count.reduce(1, *)
        }
      } else {
        try read(blocks, into: &values, StepColumns(width: width), scale)
      }
      try mask?.apply(to: &values, width: width, blocks)
      return .features(values, width: width)
    }
  }

  /// An error in a step of a block, with its file and position.
  func failure(at offset: [Int], step: Int, _ message: (String) -> String) -> WeftError {
    let isRow = offset.count > 1
    let row = isRow ? offset[0] : offset[0] + step
    guard let part = stored?.part(holding: row) else {
      return failure(message(isRow ? "in row \(row)" : "at \(row)"))
    }
    let place = isRow ? "in row \(row - part.first)" : "at \(row - part.first)"
    return .data("\(part.file): dataset \(part.path): \(message(place))")
  }

  func failure(_ message: String) -> WeftError {
    .data("\(file): dataset \(dataset.path): \(message)")
  }

  /// Reads a block, which has all dimensions of the dataset, into some steps of an array; returns whether all values are
  /// known to be finite.
  func fill<Element: StepNumber>(
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
          place..<place + columns.width,
          with: read[index * columns.width..<(index + 1) * columns.width])
      }
      return false
    } catch { throw WeftError(error) }
  }

  /// Calls `body` with the chunks that overlap a block.
  func visitChunks(_ block: StepBlockPlace, _ body: (ChunkStore.Key) -> Void) {
    stored?.visitChunks(offset: block.offset, count: block.count, body)
    mask?.stored?.visitChunks(offset: block.offset, count: block.count, body)
  }
}

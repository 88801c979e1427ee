import HDF5

/// Reads blocks of one dataset, as tokens or as features, and checks what it reads.
struct SequenceReader: Sendable {
  let dataset: Dataset
  let file: String
  let content: Content
  /// Whether steps are single numbers, so that the dataset has no dimension of features.
  let isScalar: Bool
  /// Whether a matrix of one row or one column is read as if it had one dimension.
  var isVector = false
  /// What keeps the dataset's blocks in memory; nil to leave that to the library.
  var stored: JoinedDataset?
  /// Where features may lie; all finite numbers unless the loss wants less.
  var range = SequenceReader.finite
  /// Whether features may be NaN: missing.
  var allowsMissing = false
  /// How features are scaled; nil for not at all.
  var scale: FeatureScale?
  /// Whether tokens are labels of a sequence, which all count.
  var areLabels = false
  /// The class that stands for no label.
  var blank: Int?

  private static let finite = -Float.greatestFiniteMagnitude...Float.greatestFiniteMagnitude

  enum Content: Equatable, Sendable {
    /// One integer a step, below the bound; −1, for steps that do not count, is allowed in targets.
    case tokens(bound: Int, isTarget: Bool)
    /// Numbers of that many features a step.
    case features(width: Int)
  }

  /// Numbers of a step.
  var width: Int {
    if case .features(let width) = content { width } else { 1 }
  }

  /// `steps` steps from `first` on of a dataset whose first dimension is time.
  func read(first: Int, steps: Int) throws(WeftError) -> Steps {
    try read(offset: [first], count: [steps])
  }

  /// A block in row-major order; `offset` and `count` leave out the dimension of features.
  func read(offset: [Int], count: [Int]) throws(WeftError) -> Steps { try read([(offset, count)]) }

  /// Blocks one after the other, each in row-major order and without the dimension of features.
  func read(_ blocks: [(offset: [Int], count: [Int])]) throws(WeftError) -> Steps {
    let sizes = blocks.map { $0.count.reduce(width, *) }
    let size = sizes.reduce(0, +)
    var position = 0
    switch content {
    case .tokens:
      var tokens = ChunkReader.undefined(count: size, of: Int32.self)
      for (block, size) in zip(blocks, sizes) {
        _ = try fill(&tokens, at: position, offset: block.offset, count: block.count)
        try check(tokens[position..<position + size], from: block.offset)
        position += size
      }
      return .tokens(tokens)
    case .features(let width):
      var values = ChunkReader.undefined(count: size, of: Float.self)
      let feature = isScalar ? (offset: [], count: []) : (offset: [0], count: [width])
      for (block, size) in zip(blocks, sizes) {
        let areFinite = try fill(
          &values, at: position, offset: block.offset + feature.offset, count: block.count + feature.count)
        if !areFinite || range != SequenceReader.finite {
          try check(values[position..<position + size], width: width, from: block.offset)
        }
        position += size
      }
      scale?.scale(&values)
      return .features(values, width: width)
    }
  }

  /// Throws what is wrong with the tokens of a block.
  private func check(_ tokens: ArraySlice<Int32>, from offset: [Int]) throws(WeftError) {
    guard case .tokens(let bound, let isTarget) = content else { return }
    let least: Int32 = isTarget && !areLabels ? -1 : 0
    if let index = tokens.firstIndex(where: { $0 < least || $0 >= bound }) {
      let what = isTarget ? "class" : "token"
      throw failure(at: offset, step: index - tokens.startIndex) { place in
        "\(what) \(tokens[index]) \(place) is not between 0 and \(bound - 1)"
      }
    }
    if let blank, let index = tokens.firstIndex(of: Int32(blank)) {
      throw failure(at: offset, step: index - tokens.startIndex) { place in
        "class \(blank) \(place) is the blank of loss.blank, which is no label"
      }
    }
  }

  /// Throws what is wrong with the numbers of a block.
  private func check(_ values: ArraySlice<Float>, width: Int, from offset: [Int]) throws(WeftError) {
    guard let index = values.firstIndex(where: { !range.contains($0) && !(allowsMissing && $0.isNaN) }) else {
      return
    }
    let wanted =
      range.upperBound < .greatestFiniteMagnitude
      ? "between \(range.lowerBound) and \(range.upperBound)" : "a finite number"
    throw failure(at: offset, step: (index - values.startIndex) / width) { place in
      "\(values[index]) \(place) is not \(wanted)"
    }
  }

  /// What is wrong with a step of a block, told by its file and its place there.
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

  /// Reads a block to a place in an array; returns whether all numbers are known to be finite.
  private func fill<Element: StepNumber>(
    _ values: inout [Element], at position: Int, offset: [Int], count: [Int]
  ) throws(WeftError) -> Bool {
    do {
      if let stored { return try stored.read(offset: offset, count: count, into: &values, at: position) }
      let block = try dataset.read(as: Element.self, offset: offset, count: count)
      values.replaceSubrange(position..<position + block.count, with: block)
      return false
    } catch { throw WeftError(error) }
  }

  /// Calls `body` with the blocks that hold a part of the dataset; `offset` and `count` leave out the dimension of
  /// features.
  func visitChunks(offset: [Int], count: [Int], _ body: (ChunkStore.Key) -> Void) {
    stored?.visitChunks(offset: offset, count: count, body)
  }

  /// The same dataset of several files, one after the other, reading through a store.
  ///
  /// - Throws: If a dataset cannot be read, is of another shape than the first, or its blocks do not fit into the
  ///   store.
  static func joined(_ readers: [SequenceReader], in store: ChunkStore) throws -> SequenceReader {
    var result = readers[0]
    let extent = try result.dataset.shape.dropFirst()
    for reader in readers.dropFirst()
    where try reader.isVector != result.isVector
      || !result.isVector && reader.dataset.shape.dropFirst() != extent
    {
      throw reader.failure(
        "has the shape \(try reader.dataset.shape) where that of \(result.file) has"
          + " \(try result.dataset.shape): only the first dimension may differ")
    }
    let stored = try JoinedDataset(
      readers.map { ($0.file, $0.dataset) }, areVectors: result.isVector, in: store)
    guard stored.chunkByteCount <= store.limit / 2 else {
      throw result.failure(
        "its chunks take \(stored.chunkByteCount >> 20) MiB each, too much for a data.memory_budget of"
          + " \(ByteCount(store.budget)); raise it, or write the file in smaller chunks")
    }
    result.stored = stored
    return result
  }

  /// The same, reading through a store.
  ///
  /// - Throws: If the dataset cannot be read, or its blocks do not fit into the store.
  func reading(through store: ChunkStore) throws -> SequenceReader { try .joined([self], in: store) }
}

/// Values of consecutive steps.
enum Steps {
  case tokens([Int32])
  /// Row-major `[steps, width]`.
  case features([Float], width: Int)

  /// Numbers of all steps.
  var count: Int {
    switch self {
    case .tokens(let tokens): tokens.count
    case .features(let values, _): values.count
    }
  }

  /// The steps in `range`.
  func steps(_ range: Range<Int>) -> Steps {
    switch self {
    case .tokens(let tokens): .tokens(Array(tokens[range]))
    case .features(let values, let width):
      .features(Array(values[range.lowerBound * width..<range.upperBound * width]), width: width)
    }
  }

  var inputs: Minibatch.Inputs {
    switch self {
    case .tokens(let tokens): .tokens(tokens)
    case .features(let values, let width): .features(values, width: width)
    }
  }

  var targets: Minibatch.Targets {
    switch self {
    case .tokens(let tokens): .classes(tokens)
    case .features(let values, let width): .values(values, width: width)
    }
  }
}

/// Puts the parts of a minibatch one after the other.
func joined(_ parts: [Steps]) -> Steps {
  switch parts[0] {
  case .tokens:
    var result: [Int32] = []
    result.reserveCapacity(parts.reduce(0) { $0 + $1.count })
    for part in parts { if case .tokens(let tokens) = part { result += tokens } }
    return .tokens(result)
  case .features(_, let width):
    var result: [Float] = []
    result.reserveCapacity(parts.reduce(0) { $0 + $1.count })
    for part in parts { if case .features(let values, _) = part { result += values } }
    return .features(result, width: width)
  }
}

/// The inputs of a split: one dataset of tokens or features, or the features of several side by side.
struct InputReader: Sendable {
  /// The same steps in each; one if it holds tokens.
  let parts: [SequenceReader]
  /// How features are scaled; nil for not at all.
  var scale: FeatureScale?

  /// Numbers of a step.
  var width: Int { parts.reduce(0) { $0 + $1.width } }

  var content: SequenceReader.Content {
    parts.count == 1 ? parts[0].content : .features(width: parts.reduce(0) { $0 + $1.width })
  }

  /// `steps` steps from `first` on of datasets whose first dimension is time.
  func read(first: Int, steps: Int) throws(WeftError) -> Steps {
    try read(offset: [first], count: [steps])
  }

  /// A block in row-major order; `offset` and `count` leave out the dimension of features.
  func read(offset: [Int], count: [Int]) throws(WeftError) -> Steps { try read([(offset, count)]) }

  /// Blocks one after the other, each in row-major order and without the dimension of features.
  func read(_ blocks: [(offset: [Int], count: [Int])]) throws(WeftError) -> Steps {
    let steps = try readUnscaled(blocks)
    guard let scale, case .features(var values, let width) = steps else { return steps }
    scale.scale(&values)
    return .features(values, width: width)
  }

  private func readUnscaled(_ blocks: [(offset: [Int], count: [Int])]) throws(WeftError) -> Steps {
    if parts.count == 1 { return try parts[0].read(blocks) }
    var features: [(values: [Float], width: Int)] = []
    for part in parts {
      guard case .features(let values, let width) = try part.read(blocks) else {
        preconditionFailure("tokens stand alone")
      }
      features.append((values, width))
    }
    let width = features.reduce(0) { $0 + $1.width }
    let steps = features[0].values.count / features[0].width
    var result: [Float] = []
    result.reserveCapacity(steps * width)
    for step in 0..<steps {
      for (values, width) in features { result += values[step * width..<(step + 1) * width] }
    }
    return .features(result, width: width)
  }

  /// What keeps the datasets' blocks in memory, if anything does.
  var store: ChunkStore? { parts[0].stored?.store }

  /// Calls `body` with the blocks that hold a part of the datasets; `offset` and `count` leave out the dimension of
  /// features.
  func visitChunks(offset: [Int], count: [Int], _ body: (ChunkStore.Key) -> Void) {
    for part in parts { part.visitChunks(offset: offset, count: count, body) }
  }

  /// The same, reading through a store.
  ///
  /// - Throws: If a dataset cannot be read, or its blocks do not fit into the store.
  func reading(through store: ChunkStore) throws -> InputReader {
    InputReader(parts: try parts.map { try $0.reading(through: store) }, scale: scale)
  }
}

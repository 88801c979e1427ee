import HDF5
import WeftBase

/// Reads the inputs of a split: one dataset of tokens or features, or the concatenated features of several.
package struct InputReader: Sendable {
  /// Readers of the same steps; a single one for tokens.
  let parts: [SequenceReader]
  /// Scaling of the features; nil for none.
  var scale: FeatureScale?

  package init(parts: [SequenceReader], scale: FeatureScale? = nil) {
    self.parts = parts
    self.scale = scale
  }

  /// Values per step.
  package var width: Int { parts.reduce(0) { $0 + $1.width } }

  package var content: StepKind { parts.count == 1 ? parts[0].content : .features(width) }

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
    for part in parts {
      try part.read(blocks, into: &values, StepColumns(width: part.width, of: stride, first: column))
      column += part.width
    }
    let steps = blocks.reduce(0) { $0 + $1.count.reduce(1, *) }
    scale?.scale(
      &values, steps: 0..<steps, columns: StepColumns(width: width, of: stride, first: first))
  }

  /// The store of the datasets' blocks, if any.
  var store: ChunkStore? { parts[0].stored?.store }

  /// Steps of the shortest dataset.
  ///
  /// - Throws: If one of them cannot be read.
  package func steps() throws(WeftError) -> Int {
    var minimum = Int.max
    for part in parts {
      do { minimum = min(minimum, try part.dataset.shape[0]) } catch { throw WeftError(error) }
    }
    return minimum
  }

  /// Calls `body` with the chunks that overlap a block.
  func visitChunks(_ block: StepBlockPlace, _ body: (ChunkStore.Key) -> Void) {
    for part in parts { part.visitChunks(block, body) }
  }

  /// The same reader, reading through a store.
  ///
  /// - Throws: If a dataset cannot be read, or its blocks do not fit into the store.
  package func reading(through store: ChunkStore) throws -> InputReader {
    InputReader(parts: try parts.map { try $0.reading(through: store) }, scale: scale)
  }
}

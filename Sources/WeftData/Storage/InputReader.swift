import HDF5
import WeftBase

/// The inputs of a split: one dataset of tokens or features, or the features of several side by side.
package struct InputReader: Sendable {
  /// The same steps in each; one if it holds tokens.
  let parts: [SequenceReader]
  /// How features are scaled; nil for not at all.
  var scale: FeatureScale?

  package init(parts: [SequenceReader], scale: FeatureScale? = nil) {
    self.parts = parts
    self.scale = scale
  }

  /// Numbers of a step.
  package var width: Int { parts.reduce(0) { $0 + $1.width } }

  package var content: StepKind { parts.count == 1 ? parts[0].content : .features(width) }

  /// `steps` steps from `first` on of datasets whose first dimension is time.
  package func read(first: Int, steps: Int) throws(WeftError) -> Steps<FeatureArray> {
    try read([([first], [steps])])
  }

  /// Blocks one after the other, each in row-major order and without the dimension of features.
  func read(_ blocks: [StepBlockPlace]) throws(WeftError) -> Steps<FeatureArray> {
    if case .tokens = content { return try parts[0].read(blocks) }
    let steps = blocks.reduce(0) { $0 + $1.count.reduce(1, *) }
    var values = ChunkReader.undefined(count: steps * width, of: Float.self)
    try read(blocks, into: &values, of: width, first: 0)
    return .features(values, width: width)
  }

  /// The features of the blocks' steps as some columns of an array.
  ///
  /// - Parameters:
  ///   - stride: Numbers of a step of the array.
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

  /// What keeps the datasets' blocks in memory, if anything does.
  var store: ChunkStore? { parts[0].stored?.store }

  /// Steps of the shortest of the datasets.
  ///
  /// - Throws: If one of them cannot be read.
  package func steps() throws(WeftError) -> Int {
    var least = Int.max
    for part in parts {
      do { least = min(least, try part.dataset.shape[0]) } catch { throw WeftError(error) }
    }
    return least
  }

  /// Calls `body` with the blocks that hold a part of the datasets.
  func visitChunks(_ block: StepBlockPlace, _ body: (ChunkStore.Key) -> Void) {
    for part in parts { part.visitChunks(block, body) }
  }

  /// The same, reading through a store.
  ///
  /// - Throws: If a dataset cannot be read, or its blocks do not fit into the store.
  package func reading(through store: ChunkStore) throws -> InputReader {
    InputReader(parts: try parts.map { try $0.reading(through: store) }, scale: scale)
  }
}

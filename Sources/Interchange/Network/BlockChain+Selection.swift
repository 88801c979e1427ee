import KernelInterface
import WeftBase
import WeftLayers

/// Chains that read some of their network's input features.
extension BlockChain {
  /// Weights that ``select(_:of:)`` makes of those of a chain; nil if they cannot be counted.
  func selectionWeights(_ columns: [Int], of width: Int) -> Int? {
    let place = blocks.firstIndex { !$0.isSameForEachFeature }
    let own = place.flatMap { blocks[$0].inputWeightsPerFeature } ?? columns.count
    return [own, width].boundedProduct
  }

  /// Lets the first block that has weights read some columns of wider inputs, which is a dense block of its own where
  /// that one cannot.
  ///
  /// - Parameters:
  ///   - columns: The columns that are the features so far.
  ///   - width: Features of the wider inputs.
  /// - Returns: Whether a block was added at the start.
  mutating func select(_ columns: [Int], of width: Int) -> Bool {
    if columns == Array(0..<width) { return false }
    if let place = blocks.firstIndex(where: { !$0.isSameForEachFeature }),
      let wide = blocks[place].reading(columns, of: width)
    {
      replace(place...place, by: [wide])
      return false
    }
    let weights = WeightMatrix.identity(columns.count).spread(to: columns, of: width)
    insertFirst(
      .dense(DenseWeights(weights: weights, bias: [Float](repeating: 0, count: columns.count)), .linear))
    return true
  }

  /// Takes one step of inputs that are the same at each.
  mutating func poolFirst() { insertFirst(.pool(.last)) }
}

extension NetworkBlock {
  /// Whether the block computes the same for each feature, without weights.
  fileprivate var isSameForEachFeature: Bool {
    switch self {
    case .pool, .pooling, .activation: true
    default: false
    }
  }

  /// Weights that a feature of the inputs has in the block; nil if it cannot read others than its own.
  fileprivate var inputWeightsPerFeature: Int? {
    switch self {
    case .dense(let dense, _): dense.weights.columns
    case .recurrent(let level): level.layers.reduce(0) { $0 + $1.input.columns }
    case .convolution(let convolution):
      [convolution.width, convolution.dense.weights.columns].boundedProduct
    default: nil
    }
  }

  /// The block with weights for wider inputs, of which it reads some columns; nil if it has none for each feature.
  fileprivate func reading(_ columns: [Int], of width: Int) -> NetworkBlock? {
    switch self {
    case .dense(var dense, let function):
      guard dense.weights.rows == columns.count else { return nil }
      dense.weights = dense.weights.spread(to: columns, of: width)
      return .dense(dense, function)
    case .recurrent(var level):
      guard level.layers.allSatisfy({ $0.input.rows == columns.count }) else { return nil }
      for index in level.layers.indices {
        level.layers[index].input = level.layers[index].input.spread(to: columns, of: width)
      }
      return .recurrent(level)
    case .convolution(var convolution):
      guard convolution.dense.weights.rows == convolution.width * columns.count else { return nil }
      let places = (0..<convolution.width).flatMap { step in columns.map { step * width + $0 } }
      convolution.dense.weights = convolution.dense.weights.spread(to: places, of: convolution.width * width)
      return .convolution(convolution)
    default: return nil
    }
  }
}

import WeftLayers

/// A value on an edge of the graph.
enum ONNXGraphValue {
  /// Constants.
  case constant(ONNXTensor)
  /// Constants expanded to a dynamic shape.
  case repeated(ONNXTensor)
  /// A graph input with unknown role, and the sizes of its axes that the file fixes.
  case input(name: String, sizes: [Int?])
  /// A graph input, or a part of one, from which a layer starts.
  case state(name: String)
  /// A computed activation.
  case flow(ONNXFlow)
  /// States after the last step of several layers and directions, which are the first axis.
  case finals([ONNXFinal])
  /// The state after the last step of one of two directions.
  case half(ONNXFinal)
  /// Weights of steps by which states are pooled, which sum to 1; with the scores' axes and layers.
  case weights(ONNXFlow)
  /// States times such weights, with the pooling as the last block.
  case weighted(ONNXFlow)
  /// A list of sizes of activations.
  case sizes([ONNXSize])
  /// Computed from sizes in another way, which need not be known.
  case size
  /// An unsupported output, such as the final cell states of an LSTM.
  case unavailable(String)
  /// What an operator would compute that is not supported.
  case obstructed
}

/// An activation with its axes.
struct ONNXFlow {
  /// Meaning of an axis.
  enum Axis: Equatable {
    case time, batch, directions, features
    /// Axes of the graph's input, before time and batch are distinguished.
    case input(Int)
    /// An axis of one element.
    case single
    /// Merged directions and features.
    case joined

    var isInput: Bool { if case .input = self { true } else { false } }
  }

  var axes: [Axis]
  /// Name of the graph's input from which it is computed.
  var source = ""
  /// Whether no layer was passed.
  var isInput = false
  /// The columns of several inputs that its blocks begin with; nil for all.
  var columns: [Int]?
  /// Whether it is computed from what each sequence has once, and was not repeated at its steps.
  var isStatic = false
  /// Whether these are states of cells, of which nothing was computed yet.
  var isOfCells = false
  /// How each sequence is pooled after the last block; nil if it has all of its steps.
  var pool: PoolKind?
  /// All steps of sequences of one length, side by side in the features.
  struct Flat: Equatable {
    var steps: Int
    /// Whether the steps of a feature are side by side, rather than the features of a step.
    var featuresFirst: Bool
  }

  /// Set if the features are those of several steps.
  var flat: Flat?
  /// Some steps of sequences: those at which a vector is repeated, or those that are left of all.
  struct Part: Equatable {
    var count: Int
    /// The first of so many last steps of a sequence are meant.
    var steps: Int
    /// Whether layers before computed the other steps as well.
    var isLeft = false
  }

  /// Set if the other steps are none of the graph.
  var part: Part?
  var hasEmbedding = false
  /// The blocks that were passed.
  var chain = BlockChain()
  /// Whether the features of the outputs were arranged in several axes.
  var isArranged = false
  /// Whether the last operator was a softmax.
  var hasSoftmax = false
  /// Directions of the last level.
  var directions = 1
  /// Units of the last level, or of the output layer.
  var width: Int?
  /// Sizes of the graph input's axes that the file fixes.
  var inputSizes: [Int?] = []
  /// The graph input's axes that are time and batch, once a layer has told.
  var timeAxis = 0
  var batchAxis = 0

  /// Whether the last axis is that of features, in both directions.
  var endsInFeatures: Bool { axes.last == .joined || (axes.last == .features && directions == 1) }

  /// The size of an axis, if the file fixes it.
  func size(of axis: Axis) -> Int? {
    func input(_ axis: Int) -> Int? { inputSizes.indices.contains(axis) ? inputSizes[axis] : nil }
    return switch axis {
    case .input(let axis): input(axis)
    case .time: input(timeAxis)
    case .batch: input(batchAxis)
    case .directions: directions
    case .single: 1
    case .features: width
    case .joined: width.flatMap { [$0, directions].boundedProduct }
    }
  }
}

import WeftBase

/// A layer as Keras's files describe it.
struct KerasLayer {
  /// `LSTM`, `Bidirectional`, …; nil if a file of weights does not specify it.
  var className: String?
  var name: String
  /// Arguments; empty for files of weights alone.
  var config: [String: JSONValue] = [:]
  var parts: [Part] = []
  /// Layers that it reads, of a model that is written; empty for the layer before it.
  var inputs: [String] = []
  /// Names of the models inside the model that it belongs to, from the outermost in.
  var owners: [String] = []
  /// Its path in Keras 3's files of weights.
  var place = ""
  /// Whether a file of weights has weights of it in places that are not those of a supported layer.
  var hasOtherWeights = false
  /// Of a layer that joins others, the layers of each branch since the last that they have in common.
  var branches: [[KerasLayer]] = []
  /// Which of the layer's uses it is, of a layer with several.
  var use = 0
  /// Of a recurrent layer, where its initial states come from; empty for zeros.
  var initialStates: [KerasGraph.Tensor] = []
  /// Of attention, what else than the queries it reads; empty for the queries alone.
  var attended: [KerasGraph.Tensor] = []
  /// Of a layer that takes steps or features, those of each axis.
  var slices: [JSONValue]?

  /// An owner of variables: the layer itself, its cell, or a direction's cell.
  struct Part {
    /// Path relative to the layer: empty for the layer itself, `cell`, `forward_layer/cell`.
    var path: String
    var variables: [Variable]
  }

  struct Variable {
    /// `kernel`, `recurrent_kernel`, `bias`, `embeddings`.
    var name: String
    var array: StateDictionary.Array
  }

  /// Its name and those of the layers in its branches.
  var names: [String] { [name] + branches.joined().flatMap(\.names) }

  /// The layer and those in its branches.
  var all: [KerasLayer] { [self] + branches.joined().flatMap(\.all) }

  /// The variables of all parts, in their order.
  var variables: [Variable] { parts.flatMap(\.variables) }

  /// An activation, a text or an object that names a function; nil if there is none, which is linear.
  static func activation(_ value: JSONValue?) -> String? {
    guard let value, value != .null else { return nil }
    return value.text ?? value["config"]?.text ?? value["class_name"]?.text ?? "unknown"
  }

  /// Sizes of a batch of inputs, nil where they vary; nil if the layer does not say.
  var inputShape: [Int?]? {
    (config["batch_shape"] ?? config["batch_input_shape"])?.list.map { $0.map(\.integer) }
  }

  /// Models, which can be layers of others.
  static let modelClasses: Set = ["Sequential", "Functional", "Model"]
  /// Layers that change nothing in a trained network.
  static let classesWithoutEffect: Set = [
    "InputLayer", "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "AlphaDropout",
    "ActivityRegularization",
  ]
  /// Layers of recurrent cells.
  static let recurrentClasses: Set = [
    "SimpleRNN", "LSTM", "GRU", "Bidirectional", "RNN", "CuDNNLSTM", "CuDNNGRU",
  ]
  /// Attention of the states of a decoder over those of an encoder.
  static let decoderAttention: Set = ["Attention", "AdditiveAttention"]
  /// Layers that a network of Weft can have, or that it need not have.
  private static let supportedClasses: Set = classesWithoutEffect.union(recurrentClasses).union([
    "Masking", "Embedding", "Dense", "TimeDistributed",
    "Activation", "Softmax", "ReLU", "LeakyReLU", "ELU", "BatchNormalization", "Rescaling", "Normalization",
    "Conv1D", "Convolution1D", "SeparableConv1D", "SeparableConvolution1D", "DepthwiseConv1D",
    "ZeroPadding1D",
    "GlobalAveragePooling1D", "GlobalAvgPool1D", "GlobalMaxPooling1D",
    "GlobalMaxPool1D", "MaxPooling1D", "MaxPool1D", "AveragePooling1D", "AvgPool1D", "Flatten", "Reshape",
    "LayerNormalization", "PReLU", "RepeatVector", "TextVectorization", "StringLookup",
    "Add", "Concatenate", "Average", "Multiply",
    "GetItem", "SlicingOpLambda", "Cropping1D", "Permute",
  ]).union(modelClasses)

  private static let merges = "Weft's branches are side by side, or their sum, mean or product"
  private static let images = "Weft reads steps of features, not images"
  private static let attention =
    "Weft's networks attend only to pool a sequence (pool: attention) or to decode it, with weights of their own"

  /// Why layers that people use are not supported, and what to do.
  private static let reasons = [
    "Lambda":
      "it contains a Python function, which Weft does not run; put a layer of Keras in its place, such as"
      + " Rescaling, or save the model without it",
    "Attention": attention, "AdditiveAttention": attention, "MultiHeadAttention": attention,
    "UpSampling1D": "no block of Weft makes sequences longer; train the network without it",
    "Conv1DTranspose": "no block of Weft makes sequences longer; train the network without it",
    "ConvLSTM1D": images, "ConvLSTM2D": images, "Conv2D": images, "MaxPooling2D": images, "Conv3D": images,
    "AveragePooling2D": images, "GlobalAveragePooling2D": images,
  ]

  /// Whether the layer is there to join others.
  var joins: Bool { className.map(Self.joiningClasses.contains) ?? false }
  private static let joiningClasses: Set = [
    "Add", "Concatenate", "Multiply", "Average", "Maximum", "Minimum", "Dot", "Subtract",
  ]

  /// - Throws: If the layer is of a class that is not supported.
  func checkClass(file: String) throws(WeftError) {
    if let className, Self.supportedClasses.contains(className) { return }
    var reason =
      className.flatMap { Self.reasons[$0] } ?? (joins ? Self.merges : nil)
      ?? "Weft has nothing like it or, if the class is your own, the file does not say what it computes"
    if className == "TFOpLambda" {
      reason =
        "it is the function \(config["function"]?.text ?? "") of TensorFlow; put a layer of Keras in its place"
    }
    throw .model("\(file): layer '\(name)': \(className ?? "its class") is not supported: \(reason)")
  }
}

/// Contents of a Keras file: a chain of layers, from the input up.
struct KerasModel {
  var layers: [KerasLayer]
  /// The layers of the decoder, of an encoder-decoder, of which the others are the encoder; empty without one.
  var decoder: [KerasLayer] = []
  /// The input layers of a Functional model.
  var inputs: [KerasLayer] = []
  var form = Form.model
  var metadata: [String: String] = [:]
  /// Major version of the Keras that wrote the file; nil if it does not say.
  var version: Int?
  /// How the model was trained.
  var training = TrainingSettings()

  /// What a file tells of the layers.
  enum Form {
    /// All of them, and what they compute.
    case model
    /// Weights alone, layer by layer.
    case orderedWeights
    /// Weights alone, the layers of each class by their numbers.
    case weights
  }
}

extension [KerasLayer] {
  /// The layers, and those of their branches, with their weights.
  func withWeights(_ read: (KerasLayer) throws -> KerasLayer) rethrows -> [KerasLayer] {
    try map { layer in
      var result = try read(layer)
      result.branches = try layer.branches.map { try $0.withWeights(read) }
      return result
    }
  }
}

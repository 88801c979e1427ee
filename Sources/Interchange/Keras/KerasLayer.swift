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
  /// Layers that a network of Weft can have, or that it need not have.
  private static let supportedClasses: Set = classesWithoutEffect.union([
    "Masking", "Embedding", "SimpleRNN", "LSTM", "GRU", "Bidirectional", "Dense", "TimeDistributed",
    "Activation", "Softmax", "ReLU", "LeakyReLU", "ELU", "BatchNormalization", "Rescaling", "Normalization",
    "Conv1D", "Convolution1D", "GlobalAveragePooling1D", "GlobalAvgPool1D", "GlobalMaxPooling1D",
    "GlobalMaxPool1D", "MaxPooling1D", "MaxPool1D", "AveragePooling1D", "AvgPool1D", "Flatten", "Reshape",
    "LayerNormalization", "PReLU", "RepeatVector", "TextVectorization", "RNN", "CuDNNLSTM", "CuDNNGRU",
  ]).union(modelClasses)

  /// Why layers that people use are not supported.
  private static let reasons = [
    "Lambda": "it contains a Python function, which Weft does not run",
    "TFOpLambda": "it is a function of TensorFlow, not a layer",
    "Concatenate": "Weft's blocks stand on one another, without branches",
    "Add": "Weft's blocks stand on one another, without branches",
    "Multiply": "Weft's blocks stand on one another, without branches",
    "ConvLSTM2D": "Weft reads steps of features, not images",
    "Conv2D": "Weft reads steps of features, not images",
    "MaxPooling2D": "Weft reads steps of features, not images",
  ]

  /// - Throws: If the layer is of a class that is not supported.
  func checkClass(file: String) throws(WeftError) {
    if let className, Self.supportedClasses.contains(className) { return }
    let reason = className.flatMap { Self.reasons[$0] }.map { ": \($0)" } ?? ""
    throw .model("\(file): layer '\(name)': \(className ?? "its class") is not supported\(reason)")
  }
}

/// Contents of a Keras file: a chain of layers, from the input up.
struct KerasModel {
  var layers: [KerasLayer]
  var metadata: [String: String] = [:]
  /// Major version of the Keras that wrote the file; nil if it does not say.
  var version: Int?
  /// How the model was trained.
  var training = TrainingSettings()
}

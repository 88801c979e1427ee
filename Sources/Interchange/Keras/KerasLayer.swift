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
    "GlobalMaxPool1D", "Flatten",
  ])

  /// - Throws: If the layer is of a class that is not supported.
  func checkClass(file: String) throws(WeftError) {
    if let className, Self.supportedClasses.contains(className) { return }
    throw .failure("\(file): layer '\(name)': \(className ?? "its class") is not supported")
  }
}

/// Contents of a Keras file: a chain of layers, from the input up.
struct KerasModel {
  var layers: [KerasLayer]
  var metadata: [String: String] = [:]
  /// Major version of the Keras that wrote the file; nil if it does not say.
  var version: Int?
}

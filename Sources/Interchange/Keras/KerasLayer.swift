/// A layer as Keras's files describe it.
struct KerasLayer {
  /// `LSTM`, `Bidirectional`, …; nil if a file of weights does not specify it.
  var className: String?
  var name: String
  /// Arguments; empty for files of weights alone.
  var config: [String: JSONValue] = [:]
  var parts: [Part] = []

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

  /// An activation, a text or an object that names a function; nil if it is neither.
  static func activation(_ value: JSONValue?) -> String? {
    value?.text ?? value?["config"]?.text
  }
}

/// Contents of a Keras file: a chain of layers, from the input up.
struct KerasModel {
  var layers: [KerasLayer]
  var metadata: [String: String] = [:]
}

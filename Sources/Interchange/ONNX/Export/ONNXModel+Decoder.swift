extension ONNXModel {
  /// One step of the decoder of an encoder-decoder: from the previous `tokens [batch]` or `features [batch, features]`
  /// and the encoder's outputs it computes `outputs [batch, outputs]`, `NAME_next` for each state NAME, and `attention
  /// [batch, time]`.
  ///
  /// - Parameter file: Source of the network, for errors.
  package init(
    decoder description: EncoderDecoderDescription, metadata: NetworkMetadata, options: ExportOptions,
    activation: NetworkDescription.OutputActivation, file: String
  ) {
    let decoder = description.decoder
    let memorySize = description.encoder.stateSize
    var stepOptions = options
    stepOptions.isStreaming = true
    var builder = ONNXGraphBuilder(stepOptions, file: file)
    var value = builder.addLayers(decoder)
    var top = builder.add("Squeeze", [value.name, builder.integers([0])], "top")
    if let attention = decoder.attention, let combination = decoder.combination {
      let context = builder.attend(attention, top, memorySize: memorySize, isRagged: options.isRagged)
      let fromContext = builder.add(
        "MatMul", [context, builder.add("context_weights", combination.context)], "combined_context")
      let fromState = builder.add(
        "MatMul", [top, builder.add("state_weights", combination.state)], "combined_state")
      let sum = builder.add("Add", [fromContext, fromState], "combined")
      top = builder.add("Tanh", [sum], decoder.feeding == nil ? "attentional" : "feed_next")
      if decoder.feeding != nil {
        builder.addOutput(top, [.named("batch"), .fixed(Int64(decoder.hidden))])
      }
    }
    value = builder.add(decoder.output, path: "output", to: ONNXValue(name: top, size: decoder.hidden))
    builder.addOutput(value.name, activation, [.named("batch"), .fixed(Int64(value.size))])
    self.init(builder, metadata)
  }
}

extension ONNXGraphBuilder {
  /// Adds the inputs and the layers of a decoder, and returns the states of the topmost `[1, batch, hidden]`.
  fileprivate mutating func addLayers(_ decoder: DecoderWeights) -> ONNXValue {
    let layers = decoder.layers
    var parts: [String] = []
    switch decoder.input {
    case .tokens(let embedding):
      addInput("tokens", .int64, [.named("batch")])
      parts.append(add("Gather", [add("embedding", embedding), "tokens"], "embedded"))
    case .features(let count):
      addInput("features", .float32, [.named("batch"), .fixed(Int64(count))])
      parts.append("features")
    case .none: break
    }
    if let feeding = decoder.feeding {
      addInput("feed", .float32, [.named("batch"), .fixed(Int64(feeding.rows))])
    }
    if parts.isEmpty {
      // A step reads nothing: a column of zeros, with a row for each row of the states.
      let batch = size(of: "decoder0_hidden", axis: 0, "batch")
      let shape = add("Concat", [batch, integers([1])], "nothing_shape", [.integer("axis", 0)])
      parts.append(add("Expand", [number(0, "zero"), shape], "nothing"))
    }
    var value = ONNXValue(
      name: add("Unsqueeze", [parts[0], integers([0])], "sequence"), size: layers[0].inputs)
    for (number, layer) in layers.enumerated() {
      let feeding = number == 0 ? decoder.feeding.map { (value: "feed", weights: $0) } : nil
      value = add(RecurrentLevel([layer]), path: "decoder\(number)", to: value, pool: false, feeding: feeding)
    }
    return value
  }

  /// The context of a state `[batch, hidden]`, `[batch, memory]`; its weights are an output `attention`.
  fileprivate mutating func attend(
    _ attention: AttentionScoreWeights, _ state: String, memorySize: Int, isRagged: Bool
  ) -> String {
    addInput("memory", .float32, [.named("batch"), .named("time"), .fixed(Int64(memorySize))])
    var keys = "memory"
    if let key = attention.key {
      keys = "memory_keys"
      addInput(keys, .float32, [.named("batch"), .named("time"), .fixed(Int64(key.columns))])
    }
    var scores: String
    if let query = attention.query, let vector = attention.vector {
      let queries = add("MatMul", [state, add("query_weights", query)], "queries")
      let sums = add(
        "Add", [keys, add("Unsqueeze", [queries, integers([1])], "query_rows")], "compared_sums")
      let compared = add("Tanh", [sums], "compared")
      scores = add("MatMul", [compared, add("vector", vector)], "score_column")
    } else {
      scores = add(
        "MatMul", [keys, add("Unsqueeze", [state, integers([2])], "state_column")], "score_column")
    }
    scores = add("Squeeze", [scores, integers([2])], "scores")
    if isRagged {
      addInput("memory_lengths", .int32, [.named("batch")])
      let inside = inside("memory", lengths: "memory_lengths")
      scores = add("Where", [inside, scores, number(-.infinity, "minus_infinity")], "known_scores")
    }
    let weights = add("Softmax", [scores], "attention", [.integer("axis", -1)])
    addOutput(weights, [.named("batch"), .named("time")])
    let row = add("Unsqueeze", [weights, integers([1])], "attention_row")
    return add("Squeeze", [add("MatMul", [row, "memory"], "context_row"), integers([1])], "context")
  }

  /// Whether a step is within its row, bool `[batch, time]`.
  private mutating func inside(_ value: String, lengths: String) -> String {
    let places = range(of: value, axis: 1, "\(value)_places")
    let long = add("Cast", [lengths], "\(value)_long", [.integer("to", Int(ElementType.int64.rawValue))])
    return add(
      "Less", [places, add("Unsqueeze", [long, integers([1])], "\(value)_ends")], "\(value)_inside")
  }
}

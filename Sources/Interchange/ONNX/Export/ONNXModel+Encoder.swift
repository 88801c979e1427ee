import WeftBase

extension ONNXModel {
  /// The encoder of an encoder-decoder: from `inputs`, and for ragged batches `lengths`, it computes what a decoder
  /// needs (``init(decoder:metadata:options:file:)``): the states before its first step and, for attention, `memory
  /// [batch, time, features]`, its `memory_keys`, and for ragged batches `memory_lengths`.
  ///
  /// - Parameter file: Source of the network, for errors.
  /// - Throws: If no operator supports a block.
  package init(
    encoder description: EncoderDecoderDescription, metadata: NetworkMetadata, options: ExportOptions,
    file: String
  ) throws(WeftError) {
    let encoder = description.encoder
    var builder = ONNXGraphBuilder(options, file: file)
    builder.keepsFinals = true
    let inputs = builder.addInputs(encoder)
    let value = try builder.add(encoder.blocks, to: inputs, path: "")
    let mean = encoder.blocks.isEmpty ? builder.pool(.mean, inputs, "mean") : nil
    for (number, (bridge, layer)) in zip(description.bridges, description.decoder.layers).enumerated() {
      let finals =
        mean.map { ONNXGraphBuilder.Finals(hidden: $0.name, cell: nil) }
        ?? builder.finals[min(number, builder.finals.count - 1)]
      builder.addState(
        "decoder\(number)_hidden", from: finals.hidden, bridge.hidden, size: layer.hidden, isTanh: true)
      if layer.cell.cellVectors > 1, bridge.hidden != nil {
        // A state with a meaning to its own cell alone starts as zeros.
        let size: [ONNXProtoDimension.OneOf_Size] = [
          .named("batch"), .fixed(Int64(layer.cell.cellVectors * layer.units)),
        ]
        builder.addZeros("decoder\(number)_cell", size, like: value.name)
      } else if layer.cell.hasCellState {
        builder.addState(
          "decoder\(number)_cell", from: finals.cell ?? finals.hidden, bridge.cell,
          size: layer.cell.cellVectors * layer.units,
          isTanh: false)
      }
    }
    if let attention = description.decoder.attention {
      let memory = builder.add("Transpose", [value.name], "memory", [.integers("perm", [1, 0, 2])])
      builder.addOutput(memory, [.named("batch"), .named("time"), .fixed(Int64(value.size))])
      if let key = attention.key {
        let keys = builder.add("MatMul", [memory, builder.add("key_weights", key)], "memory_keys")
        builder.addOutput(keys, [.named("batch"), .named("time"), .fixed(Int64(key.columns))])
      }
      if let lengths = value.lengths {
        builder.addOutput(builder.add("Identity", [lengths], "memory_lengths"), [.named("batch")], .int32)
      }
      if description.decoder.feeding != nil {
        builder.addZeros(
          "feed", [.named("batch"), .fixed(Int64(description.decoder.hidden))], like: value.name)
      }
    }
    self.init(builder, metadata)
  }
}

extension ONNXGraphBuilder {
  /// Adds the initial state of a layer of the decoder as an output.
  fileprivate mutating func addState(
    _ name: String, from final: String, _ bridge: DenseWeights?, size: Int, isTanh: Bool
  ) {
    var state = final
    if let bridge {
      let value = add(bridge, path: "\(name)_bridge", to: ONNXValue(name: final, size: bridge.weights.rows))
      state = isTanh ? add("Tanh", [value.name], "\(name)_bridge_state") : value.name
    }
    addOutput(add("Identity", [state], name), [.named("batch"), .fixed(Int64(size))])
  }

  /// Adds an output of zeros with a row for each row of a value `[time, batch, features]`.
  fileprivate mutating func addZeros(
    _ name: String, _ shape: [ONNXProtoDimension.OneOf_Size], like value: String
  ) {
    guard case .fixed(let width) = shape.last else { return }
    let batch = size(of: value, axis: 1, "\(name)_batch")
    let target = add("Concat", [batch, integers([Int(width)])], "\(name)_shape", [.integer("axis", 0)])
    addOutput(add("Expand", [number(0, "zero"), target], name), shape)
  }
}

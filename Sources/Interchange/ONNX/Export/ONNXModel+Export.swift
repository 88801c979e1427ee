import Foundation
import WeftBase

extension ONNXModel {
  /// Files of version 7 may use the operators of set 14.
  private static let standard: (fileVersion: Int64, operatorSet: Int64) = (7, 14)
  /// The first set with LayerNormalization.
  private static let normalizing: (fileVersion: Int64, operatorSet: Int64) = (8, 17)

  /// A network as a graph.
  ///
  /// It reads `inputs`, tokens `[batch, time]` of int64 or features `[batch, time, features]` of float32, and for ragged
  /// batches also `lengths [batch]` of int32; it gives `outputs`, `[batch, time, outputs]` or `[batch, outputs]`.
  ///
  /// For streaming it reads one step, `[batch]` or `[batch, features]`, and the states `NAME_hidden` and `NAME_cell`
  /// `[batch, units]` of every recurrent layer, zero at first; it gives `outputs [batch, outputs]` and the states
  /// `NAME_hidden_next` and `NAME_cell_next` for the next step.
  ///
  /// - Parameter file: Source of the network, for errors.
  /// - Throws: If no operator supports a block, or an option does not suit the network.
  package init(
    _ network: NetworkDescription, metadata: NetworkMetadata, options: ExportOptions, file: String
  ) throws(WeftError) {
    if options.isStreaming { try network.checkStreams(file: file) }
    var builder = ONNXGraphBuilder(options, file: file)
    var value = builder.addInputs(network)
    value = try builder.add(network.blocks, to: value, path: "")
    // Graphs of other programs have the batch first.
    if options.isStreaming {
      value.name = builder.add("Squeeze", [value.name, builder.integers([0])], "states")
    } else if !value.isPooled {
      value.name = builder.add("Transpose", [value.name], "states", [.integers("perm", [1, 0, 2])])
    }
    if let adaptive = network.adaptive {
      value = builder.add(adaptive, to: value)
    } else if let output = network.output {
      value = builder.add(output, path: "output", to: value)
    }
    builder.addOutputs(
      value, network, options.interface, isEveryStep: !value.isPooled && !options.isStreaming)
    if let transitions = network.transitions { builder.addBestPath(value, transitions) }

    self.init(builder, metadata)
  }

  /// A model of a complete graph.
  init(_ builder: ONNXGraphBuilder, _ metadata: NetworkMetadata) {
    let version = builder.usesNormalization ? Self.normalizing : Self.standard
    message = ONNXProtoModel()
    message.irVersion = version.fileVersion
    message.producerName = "Weft"
    message.producerVersion = weftVersion
    message.graph = builder.graph
    var operators = ONNXProtoOperatorSet()
    operators.version = version.operatorSet
    message.operatorSets = [operators]
    message.metadata = metadata.entries.sorted { $0.key < $1.key }.map { key, value in
      var entry = ONNXProtoEntry()
      (entry.key, entry.value) = (key, value)
      return entry
    }
  }
}

extension NetworkDescription {
  /// Checks that outputs depend on earlier steps through the states of recurrent layers alone.
  fileprivate func checkStreams(file: String) throws(WeftError) {
    func refuse(_ complaint: String) -> WeftError {
      .model(
        "\(file): \(complaint), so the network cannot take one step at a time; export it without --streaming")
    }
    if transitions != nil { throw refuse("'crf' scores whole sequences") }
    for block in blocks {
      let configuration = block.configuration
      if configuration.pool != nil { throw refuse("'pool' reads whole sequences") }
      if configuration.convolution != nil { throw refuse("'convolution' reads several steps") }
      if configuration.readsLaterSteps { throw refuse("a layer reads backward") }
    }
    if levels.joined().contains(where: { $0.initialHidden != nil }) {
      throw refuse("model.initial_state 'learned' is no input of the graph")
    }
  }
}

import KernelInterface

extension BlockStack {
  /// Equal recurrent layers that stand on one another, with dropout before, between and after them.
  ///
  /// - Parameter dropout: Rate of dropout.
  package init(
    inputSize: Int, levels: Int, isBidirectional: Bool, dropout: Float = 0, options: RecurrentLayerOptions,
    layout: inout ParameterLayout
  ) {
    var layer = BlockConfiguration()
    layer.cell = options.kind
    layer.hidden = options.hiddenSize
    layer.projection = options.projectionSize
    layer.isBidirectional = isBidirectional
    self = BlockBuilder.stack(
      BlockConfiguration.repeated(layer, count: levels, dropout: Double(dropout)), inputSize: inputSize,
      defaults: options, layout: &layout)
  }
}

extension BlockConfiguration {
  /// Equal blocks, with dropout before, between and after them.
  package static func repeated(_ block: BlockConfiguration, count: Int, dropout: Double)
    -> [BlockConfiguration]
  {
    guard dropout > 0 else { return [BlockConfiguration](repeating: block, count: count) }
    var (first, block) = (BlockConfiguration(), block)
    first.dropout = dropout
    block.dropout = dropout
    return [first] + [BlockConfiguration](repeating: block, count: count)
  }
}

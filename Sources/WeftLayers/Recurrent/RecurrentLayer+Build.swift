import KernelInterface

extension RecurrentLayer {
  /// Adds a layer's parameters to a model's layout.
  ///
  /// Parameters under `path`, gates in the cell's order: `input_weights [inputSize, gates × units]`,
  /// `recurrent_weights [output size, gates × units / heads]` if they are matrices, `bias [gates × units]`; with layer
  /// normalization `input_gain [gates × units]`; those of the cell; `initial_hidden [output size]` and `initial_cell [units]` if learned.
  package init(
    path: String, inputSize: Int, options: RecurrentLayerOptions, direction: Direction, purpose: UInt32,
    layout: inout ParameterLayout
  ) {
    let (units, gates) = (options.hiddenSize, options.kind.gateCount)
    var options = options
    kind = options.kind
    options.layerNormalization = options.layerNormalization && kind.hasLayerNormalization
    self.direction = direction
    hiddenSize = units
    outputSize = options.outputSize
    self.inputSize = inputSize
    self.purpose = purpose
    recurrentDropout = kind.recurrentWeights == .none ? 0 : options.recurrentDropout
    let inputWeights = layout.add(
      "\(path)/input_weights", rows: inputSize, columns: gates * units,
      initialization: options.inputInitialization.values(gates: gates, isOfCell: true), isWeight: true)
    zoneout = options.zoneout > 0 ? Zoneout(rate: options.zoneout, purpose: 2 * purpose) : nil
    cellZoneout =
      options.cellZoneout > 0 && kind.hasCellZoneout
      ? Zoneout(rate: options.cellZoneout, purpose: 2 * purpose + 1) : nil
    let recurrentWeights =
      kind.hasRecurrentProducts
      ? layout.add(
        "\(path)/recurrent_weights", rows: outputSize, columns: gates * units / options.recurrentHeads,
        initialization: options.recurrentInitialization.values(gates: gates, isOfCell: true), isWeight: true)
      : nil
    dropConnect =
      options.dropConnect > 0
      ? recurrentWeights.map { DropConnect($0, rate: options.dropConnect, purpose: purpose) } : nil
    var builder = CellBuilder(
      path: path, options: options, recurrentWeights: recurrentWeights, dropConnect: dropConnect,
      layout: layout)
    bias = builder.paddedRow("bias", gates: gates, options.kind.initialBias(options))
    input = Projection(
      inputWeights, width: units, gain: builder.gains("input_gain", [0..<gates]).first,
      dotAlgorithm: layout.dotAlgorithm)
    cell = options.kind.make(&builder)
    layout = builder.layout
    func initialState(_ name: String, columns: Int) -> Parameter? {
      guard options.learnsInitialState else { return nil }
      return layout.add(
        "\(path)/\(name)", rows: 1, columns: columns, initialization: .zero, isWeight: false)
    }
    initialHidden = initialState("initial_hidden", columns: outputSize)
    initialCell = kind.hasCellState ? initialState("initial_cell", columns: units) : nil
  }
}

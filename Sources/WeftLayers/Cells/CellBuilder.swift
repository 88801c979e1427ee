/// Adds the parameters of a cell to a model's layout.
package struct CellBuilder {
  /// Prefix of the layer's parameter names.
  package let path: String
  package let options: RecurrentLayerOptions
  /// `[output size, gates × units]`; per head `[units, gates × units / heads]`; nil without
  /// matrices of them.
  package let recurrentWeights: Parameter?
  /// Their DropConnect; nil without it.
  let dropConnect: DropConnect?
  package var layout: ParameterLayout

  /// Units per gate.
  package var units: Int { options.hiddenSize }

  /// Adds a row of `gates` gates.
  package mutating func row(_ name: String, gates: Int, _ initialization: InitialValues) -> Parameter {
    layout.add(
      "\(path)/\(name)", rows: 1, columns: gates * units, initialization: initialization, isWeight: false)
  }

  /// Adds a row of `gates` gates, padded for kernels.
  package mutating func paddedRow(_ name: String, gates: Int, _ initialization: InitialValues) -> PaddedRow {
    PaddedRow(row(name, gates: gates, initialization), width: units)
  }

  /// Adds a row with gains of layer normalization, one gain per range of gates; empty without normalization.
  package mutating func gains(_ name: String, _ ranges: [Range<Int>]) -> [PaddedRow] {
    guard options.layerNormalization else { return [] }
    let parameter = row(name, gates: ranges.reduce(0) { $0 + $1.count }, .constant(1))
    return ranges.map {
      PaddedRow(parameter, width: units, columns: $0.lowerBound * units..<$0.upperBound * units)
    }
  }

  /// Projections of the recurrent input to ranges of gates, with gains `recurrent_gain`.
  package mutating func recurrentProjections(_ ranges: Range<Int>...) -> [Projection] {
    guard let recurrentWeights else { preconditionFailure("the cell has no dense recurrent weights") }
    let gains = gains("recurrent_gain", ranges)
    return ranges.enumerated().map { index, gates in
      Projection(
        recurrentWeights, width: units, columns: gates.lowerBound * units..<gates.upperBound * units,
        gain: gains.isEmpty ? nil : gains[index], dropConnect: dropConnect,
        dotAlgorithm: layout.dotAlgorithm)
    }
  }

  /// Projections of each head's part of the recurrent input to all gates of the head.
  package func headProjections() -> [Projection] {
    guard let recurrentWeights else { preconditionFailure("the cell has no recurrent weights") }
    let size = units / options.heads
    return (0..<options.heads).map { head in
      Projection(
        recurrentWeights, width: size, rows: head * size..<(head + 1) * size, dropConnect: dropConnect,
        dotAlgorithm: layout.dotAlgorithm)
    }
  }

  /// A projection of the units to the hidden state, `[units, output size]`.
  package mutating func stateProjection(_ name: String) -> Projection {
    let size = options.outputSize
    return Projection(
      layout.add(
        "\(path)/\(name)", rows: units, columns: size,
        initialization: options.inputInitialization.values(gates: 1), isWeight: true), width: size,
      dotAlgorithm: layout.dotAlgorithm)
  }
}

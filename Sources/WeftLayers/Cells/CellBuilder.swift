/// What a cell is made from: adds the parameters of a layer's recurrent part to a model's layout.
package struct CellBuilder {
  /// What the names of the layer's parameters begin with.
  package let path: String
  package let options: RecurrentLayerOptions
  /// `[output size, gates × units]`.
  package let recurrentWeights: Parameter
  package var layout: ParameterLayout

  /// Units of a gate.
  package var units: Int { options.hiddenSize }

  /// A row of so many gates.
  package mutating func row(_ name: String, gates: Int, _ initialization: InitialValues) -> Parameter {
    layout.add(
      "\(path)/\(name)", rows: 1, columns: gates * units, initialization: initialization, isWeight: false)
  }

  /// The same, padded as kernels read it.
  package mutating func paddedRow(_ name: String, gates: Int, _ initialization: InitialValues) -> PaddedRow {
    PaddedRow(row(name, gates: gates, initialization), width: units)
  }

  /// Gains of layer normalization, one for each range of a row of gates; empty without it.
  package mutating func gains(_ name: String, _ ranges: [Range<Int>]) -> [PaddedRow] {
    guard options.layerNormalization else { return [] }
    let parameter = row(name, gates: ranges.reduce(0) { $0 + $1.count }, .constant(1))
    return ranges.map {
      PaddedRow(parameter, width: units, columns: $0.lowerBound * units..<$0.upperBound * units)
    }
  }

  /// Projections of the recurrent input to ranges of gates, with their gains `recurrent_gain`.
  package mutating func recurrentProjections(_ ranges: Range<Int>...) -> [Projection] {
    let gains = gains("recurrent_gain", ranges)
    return ranges.enumerated().map { index, gates in
      Projection(
        recurrentWeights, width: units, columns: gates.lowerBound * units..<gates.upperBound * units,
        gain: gains.isEmpty ? nil : gains[index], dotAlgorithm: layout.dotAlgorithm)
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

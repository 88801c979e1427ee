import WeftLayers
import WeftTensor

extension RecurrentState {
  /// `[layers, batch, hidden]`.
  package var hidden: [Float] { layers.flatMap(\.hidden.values) }

  /// `[layers, batch, hidden]`, of cells that have a cell state.
  package var cell: [Float] { layers.flatMap { $0.cell?.values ?? [] } }

  /// Makes random states those that cells can have: the normalizer of an sLSTM, the second part of its cell state, is
  /// positive.
  package func makePossible(for stack: [RecurrentLayer]) {
    for (layer, state) in zip(stack, layers) where layer.kind == .sLSTM {
      guard let cell = state.cell?.matrix else { continue }
      for row in 0..<cell.rows {
        for column in layer.hiddenSize..<2 * layer.hiddenSize {
          cell[row, column] = 0.5 + abs(cell[row, column])
        }
      }
    }
  }

  /// Overwrites the states with `[layers, batch, hidden]`.
  package func assign(hidden: [Float], cell: [Float]?) {
    for (index, layer) in layers.enumerated() {
      func part(_ values: [Float], of tensor: Tensor) -> [Float] {
        let count = tensor.values.count
        return Array(values[index * count..<(index + 1) * count])
      }
      layer.hidden.values = part(hidden, of: layer.hidden)
      if let cell, let own = layer.cell { own.values = part(cell, of: own) }
    }
  }
}

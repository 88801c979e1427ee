import WeftLayers
import WeftTensor

extension RecurrentState {
  /// `[layers, batch, hidden]`.
  package var hidden: [Float] { layers.flatMap(\.hidden.values) }

  /// `[layers, batch, hidden]`, of cells that have a cell state.
  package var cell: [Float] { layers.flatMap { $0.cell?.values ?? [] } }

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

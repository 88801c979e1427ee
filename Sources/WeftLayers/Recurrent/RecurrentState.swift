import WeftTensor

/// The states of one layer and direction, one row per row of the minibatch.
package struct LayerState: Sendable {
  /// `[batch, output size]`.
  package let hidden: Tensor
  /// `[batch, cell size]`, for cells with a cell state.
  package let cell: Tensor?

  package init(batch: Int, _ layer: RecurrentLayer) {
    hidden = Tensor(rows: batch, columns: layer.outputSize)
    cell = layer.hasCellState ? Tensor(rows: batch, columns: layer.cellSize) : nil
  }
}

/// The states of a stack: carried between windows in truncated backpropagation, passed from encoder to decoder, or the
/// gradients of either.
package struct RecurrentState: Sendable {
  /// Layer by layer from the input up, forward before backward.
  package let layers: [LayerState]

  package init(batch: Int, layers: [RecurrentLayer]) {
    self.layers = layers.map { LayerState(batch: batch, $0) }
  }

  /// Copies another state of the same shape.
  package func assign(_ other: RecurrentState) {
    for (own, given) in zip(tensors, other.tensors) { own.tensor.values = given.tensor.values }
  }

  /// All tensors in a fixed order, with their names in checkpoints.
  package var tensors: [(name: String, tensor: Tensor)] {
    layers.enumerated().flatMap { index, state in
      [("\(index)/hidden", state.hidden)] + (state.cell.map { [("\(index)/cell", $0)] } ?? [])
    }
  }
}

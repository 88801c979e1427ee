import KernelInterface
import WeftLayers
import WeftTensor

extension Shard {
  /// A shard that spans its rows' whole sequences.
  package convenience init(
    engine: Engine, layout: SequenceLayout, globalRows: [Int32], batch: Int, parameters: Matrix,
    nodes: [Range<Int>], gradients: [Matrix], arena: Arena, dropoutKey: DropoutKey?
  ) {
    self.init(
      engine: engine, layout: layout, globalRows: globalRows,
      segment: Segment(lengths: layout.lengths, batch: batch), parameters: parameters, nodes: nodes,
      gradients: gradients, arena: arena, dropoutKey: dropoutKey)
  }
}

import KernelInterface
import WeftLayers
import WeftTensor

extension Engine {
  /// The kernels that every processor has.
  package static let baseline = Engine(.baseline)
}

extension Shard {
  /// A shard with one lane of all rows, for code that needs only a shard's kernels and memory.
  package convenience init(alone lengths: [Int], engine: Engine = .baseline) {
    self.init(
      engine: engine, layout: SequenceLayout(lengths: lengths, lanes: 1),
      globalRows: lengths.indices.map(Int32.init), batch: lengths.count,
      parameters: Tensor(rows: 1, columns: 16).matrix, nodes: [], gradients: [], arena: Arena(),
      dropoutKey: nil)
  }
}

extension Tensor {
  package convenience init(rows: Int, columns: Int, values: [Float]) {
    self.init(rows: rows, columns: columns)
    self.values = values
  }

  /// A parameter's part of a flat array.
  package func values(of parameter: Parameter, at place: Int? = nil) -> [Float] {
    let first = place ?? parameter.offset
    return Array(values[first..<first + parameter.count])
  }
}

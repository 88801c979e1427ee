/// Named arrays, as in `torch.nn.Module.state_dict()`.
package struct StateDictionary: Sendable, Equatable {
  /// Numbers in row-major order.
  package struct Array: Sendable, Equatable {
    package var shape: [Int]
    package var values: [Float]

    package init(shape: [Int], values: [Float]) {
      self.shape = shape
      self.values = values
    }

    init(_ matrix: WeightMatrix) { self.init(shape: [matrix.rows, matrix.columns], values: matrix.values) }
    init(_ row: [Float]) { self.init(shape: [row.count], values: row) }
  }

  package var arrays: [String: Array]
  package var metadata: [String: String]
  /// Names in the order in which the network has them; empty if the file does not tell.
  package var order: [String] = []
  /// What reading the file assumed.
  package var notes: [String] = []

  package init(_ arrays: [String: Array] = [:], metadata: [String: String] = [:]) {
    self.arrays = arrays
    self.metadata = metadata
  }
}

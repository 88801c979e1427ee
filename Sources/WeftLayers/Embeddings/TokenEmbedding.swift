import KernelInterface

/// The input vector of a token: a row of an embedding table, or one-hot.
package struct TokenEmbedding: Sendable {
  /// `[tokens, features]`; nil for one-hot rows.
  package let parameter: Parameter?
  /// Features per row.
  package let size: Int

  /// - Parameter features: Columns of the table; nil for one-hot rows.
  package init(
    path: String, tokens: Int, features: Int?, initialization: EmbeddingInitialization = .scaled,
    layout: inout ParameterLayout
  ) {
    size = features ?? tokens
    parameter = features.map {
      layout.add(
        "\(path)/weights", rows: tokens, columns: $0,
        initialization: initialization.values(size: $0), isWeight: true)
    }
  }

  /// The rows of tokens, `[tokens, size]`, with the padding of the result.
  package func forward(_ tokens: [Int32], into result: Matrix, _ shard: Shard) {
    if parameter != nil {
      gather(tokens, into: result.padded, shard)
    } else {
      shard.kernels.oneHot(tokens, into: result)
    }
  }

  /// The rows of tokens, into columns of a matrix.
  ///
  /// - Precondition: The rows are those of a table.
  func gather(_ tokens: [Int32], into result: Matrix, _ shard: Shard) {
    guard let parameter else { preconditionFailure("one-hot rows are of a whole matrix") }
    shard.kernels.gatherRows(
      table: parameter.matrix(in: shard.parameters), indices: tokens, into: result)
  }

  /// Computes the gradient of the table from that of the rows.
  package func backward(_ gradient: Matrix, _ tokens: [Int32], _ shard: Shard) {
    guard let parameter else { return }
    shard.tokenSums(
      .float32(gradient), width: size, tokens: tokens, index: shard.layout.lanePositions,
      outputs: shard.gradients(of: parameter))
  }
}

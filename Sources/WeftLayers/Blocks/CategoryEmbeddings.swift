import KernelInterface
import WeftBase
import WeftTensor

/// Replaces categorical features by embeddings: the output has the numeric features, in their order, and after them the
/// embedding of each categorical one.
package struct CategoryEmbeddings: Block {
  package let outputSize: Int
  private let tables: [Table]
  /// Columns of the numeric features.
  private let numeric: [Range<Int>]

  /// The embedding of one feature.
  private struct Table {
    /// The feature's index among the inputs.
    let column: Int
    let embedding: TokenEmbedding
    /// Its columns in the output.
    let output: Range<Int>
  }

  /// Adds the tables `embedding/NAME/weights` to a model's layout.
  ///
  /// - Parameters:
  ///   - inputSize: Features per position.
  ///   - categories: The categorical features, in ascending order of their columns.
  ///   - sizes: Size of each one's embedding.
  package init(
    inputSize: Int, categories: [CategoricalFeature], sizes: [Int], layout: inout ParameterLayout
  ) {
    precondition(categories.count == sizes.count)
    let borders = [-1] + categories.map(\.column) + [inputSize]
    numeric = zip(borders, borders.dropFirst()).map { $0 + 1..<$1 }.filter { !$0.isEmpty }
    var end = inputSize - categories.count
    tables = zip(categories, sizes).map { feature, size in
      defer { end += size }
      let name = feature.name.replacing("/", with: "_")
      return Table(
        column: feature.column,
        embedding: TokenEmbedding(
          path: "embedding/\(name)", tokens: feature.count, features: size, layout: &layout),
        output: end..<end + size)
    }
    outputSize = end
  }

  package var firstParameter: Int? { tables.first?.embedding.parameter?.offset }
  package var canOverwriteGradient: Bool { false }

  package var activationBytes: Int {
    let widest = tables.map(\.embedding.size).max() ?? 0
    return (2 * VectorWidth.padded(outputSize) + VectorWidth.padded(widest)) * MemoryLayout<Float>.stride
  }

  package func forward(_ input: Steps<Matrix>, initial: RecurrentState?, _ shard: Shard) -> BlockPass {
    guard case .features(let values) = input else { preconditionFailure("categories are features") }
    let kernels = shard.kernels
    let result = shard.arena.matrix(rows: values.rows, columns: outputSize)
    kernels.fill(result.padded.columns(outputSize..<result.padded.columns), with: 0)
    var end = 0
    for columns in numeric {
      kernels.copy(values.columns(columns), into: result.columns(end..<end + columns.count))
      end += columns.count
    }
    for table in tables {
      table.embedding.gather(tokens(values, table), into: result.columns(table.output), shard)
    }
    return BlockPass(input: input, output: result, shard: shard)
  }

  package func backward(
    _ pass: BlockPass, _ gradient: Matrix, into inputGradient: Matrix?, _ states: StateGradients,
    _ shard: Shard
  ) {
    precondition(inputGradient == nil, "numbers of categories have no gradient")
    guard shard.wantsGradients else { return }
    for table in tables {
      // Sums read whole vectors.
      let own = shard.arena.matrix(rows: gradient.rows, columns: table.output.count)
      shard.kernels.fill(own.padded, with: 0)
      shard.kernels.copy(gradient.columns(table.output), into: own)
      table.embedding.backward(own, tokens(pass.features, table), shard)
    }
  }

  private func tokens(_ values: Matrix, _ table: Table) -> [Int32] {
    (0..<values.rows).map { Int32(values[$0, table.column]) }
  }
}

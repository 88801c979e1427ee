import KernelInterface
import WeftBase
import WeftTensor

/// The input projection of every token of a vocabulary: P = E W + b, where E is the embedding or, for one-hot tokens,
/// the identity.
///
/// A minibatch has far more positions than a small vocabulary has tokens, so projecting the tokens once and gathering
/// rows saves most of the first layer's work. In the backward pass, the gate gradients are summed by token, dP; the
/// gradients of E, W and b are derived from dP after the all-reduce. Both are exact.
package struct TokenTable: Sendable {
  /// `[vocabulary, gates × padded(hidden)]`, current after `RecurrentLayer.prepareTable`.
  package let projected: Tensor
  /// Offset of dP, of the same shape, in a flat gradient.
  let gradientOffset: Int

  init(vocabulary: Int, outputs: Int, layout: inout ParameterLayout) {
    projected = Tensor(rows: vocabulary, columns: outputs)
    gradientOffset = layout.addDerivedGradient(count: vocabulary * outputs)
  }

  /// Bytes of one token's projection.
  package var rowBytes: Int { projected.matrix.columns * MemoryLayout<Float>.stride }

  /// dP inside a flat gradient.
  func gradient(in flat: Matrix) -> Matrix {
    let columns = projected.matrix.columns
    return Matrix(
      pointer: flat.pointer + gradientOffset, rows: projected.matrix.rows, columns: columns, stride: columns)
  }
}

extension RecurrentLayer {
  /// Projects a worker's share of the tokens. All weights must have been packed.
  ///
  /// - Parameter embedding: E; nil for one-hot tokens.
  package func prepareTable(
    _ engine: Engine, embedding: Parameter?, parameters: Matrix, worker: Int, workers: Int
  ) {
    guard let table = tokenTable?.projected.matrix else { return }
    let rows = share(of: table.rows, worker: worker, workers: workers)
    if rows.isEmpty { return }
    if let embedding {
      input.apply(
        embedding.matrix(in: parameters).rows(rows), initial: .row(bias.row), into: table.rows(rows), engine)
    } else {
      // For one-hot x, x W is a row of W.
      for row in rows {
        for gate in 0..<kind.gateCount {
          for unit in 0..<hiddenSize {
            let column = gate * VectorWidth.padded(hiddenSize) + unit
            table[row, column] =
              input.parameter.matrix(in: parameters)[row, gate * hiddenSize + unit] + bias.row[0, column]
          }
        }
      }
    }
  }

  /// Derives the gradients of E, W and b from dP, in the reduced gradient.
  ///
  /// - Parameters:
  ///   - embedding: E; nil for one-hot tokens.
  ///   - addsToEmbedding: Whether to add to the gradient of E that another layer has stored.
  package func deriveTableGradients(
    _ engine: Engine, embedding: Parameter?, parameters: Matrix, gradient flat: Matrix, addsToEmbedding: Bool
  ) {
    guard let tokenTable else { return }
    let gradient = tokenTable.gradient(in: flat)
    let kernels = engine.kernels
    let whole = [0..<1]
    let tokens = LaneIndex(starts: [0, gradient.rows], rows: (0..<Int32(gradient.rows)).map { $0 })
    let weightGradient = input.parameter.matrix(in: flat)
    guard let embedding else {
      kernels.columnSums(
        values: gradient, factors: nil, width: hiddenSize, rows: tokens, nodes: whole,
        outputs: [bias.view(in: flat)])
      for gate in 0..<kind.gateCount {
        let first = gate * VectorWidth.padded(hiddenSize)
        kernels.copy(
          gradient.columns(first..<first + hiddenSize),
          into: weightGradient.columns(gate * hiddenSize..<(gate + 1) * hiddenSize))
      }
      return
    }
    let table = embedding.matrix(in: parameters)
    let scratch = AlignedMemory(
      byteCount: engine.dot.outerProductsScratchByteCount(
        positions: tokens, leftColumns: table.columns + 1))
    engine.dot.outerProducts(
      lefts: [OuterOperand(table, rows: nil), .ones], right: .float32(gradient), width: hiddenSize,
      positions: tokens, nodes: whole, outputs: [[weightGradient, bias.view(in: flat)]], accumulates: false,
      scratch: scratch.bytes)
    let embeddingGradient = Tensor(rows: table.rows, columns: table.columns)
    input.applyTransposed(gradient, into: embeddingGradient.matrix, engine)
    if addsToEmbedding {
      kernels.add(embeddingGradient.matrix, to: embedding.matrix(in: flat))
    } else {
      kernels.copy(embeddingGradient.matrix, into: embedding.matrix(in: flat))
    }
    withExtendedLifetime(scratch) {}
  }
}

import KernelInterface
import WeftBase
import WeftTensor

/// DropConnect (Wan et al. 2013) of a matrix of recurrent weights, as in AWD-LSTM (Merity et al. 2018): in a step of the
/// optimizer, all products with U, of every time step and sequence, are with M∘U, where an element of M is zero with the
/// probability `rate`, else 1 / (1 − rate). Backward dU = M∘d(M∘U). Elsewhere M is one.
package struct DropConnect: Sendable {
  /// U.
  package let parameter: Parameter
  package let rate: Float
  /// Of its masks.
  package let purpose: UInt32
  /// M and M∘U in row-major order without padding.
  private let mask: Tensor
  private let product: Tensor

  /// Purposes of masks for weights, apart from those of dropout.
  private static let firstPurpose: UInt32 = 4 << 16

  /// - Parameter purpose: Distinguishes this parameter's masks from those of others.
  init(_ parameter: Parameter, rate: Float, purpose: UInt32) {
    self.parameter = parameter
    self.rate = rate
    self.purpose = Self.firstPurpose + purpose
    mask = Tensor(rows: 1, columns: parameter.count)
    product = Tensor(rows: 1, columns: parameter.count)
  }

  /// M∘U, current after `drop`.
  var weights: Matrix { parameter.matrix(in: product.matrix, at: 0) }

  /// Computes worker `worker`'s share of the rows of M and M∘U.
  ///
  /// - Parameter key: Nil to drop nothing.
  package func drop(_ engine: Engine, parameters: Matrix, key: DropoutKey?, worker: Int, workers: Int) {
    let rows = share(of: parameter.rows, worker: worker, workers: workers)
    if rows.isEmpty { return }
    let own = parameter.matrix(in: mask.matrix, at: 0).rows(rows)
    if let key {
      engine.kernels.dropoutMask(
        key: RandomKey(seed: key.seed, purpose: purpose, step: key.step),
        rows: rows.map { Int32($0) }, rate: rate, width: parameter.columns, into: own)
    } else {
      engine.kernels.fill(own, with: 1)
    }
    engine.kernels.multiply(
      parameter.matrix(in: parameters).rows(rows), own, into: weights.rows(rows))
  }

  /// Multiplies the elements of U in a range of a flat gradient by M.
  package func mask(_ gradient: Matrix, in range: Range<Int>, _ kernels: any KernelSet.Type) {
    let part = (parameter.offset..<parameter.offset + parameter.count).clamped(to: range)
    if part.isEmpty { return }
    let own = part.lowerBound - parameter.offset..<part.upperBound - parameter.offset
    kernels.multiply(gradient.columns(part), mask.matrix.columns(own), into: gradient.columns(part))
  }
}

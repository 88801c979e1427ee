import KernelInterface
import WeftBase
import WeftLayers
import WeftTensor

/// Something with parameters that is run shard by shard.
package protocol ParallelModule: Sendable {
  var layout: ParameterLayout { get }

  /// Packs worker `worker`'s share of all weights; all shares must be packed before a forward pass.
  func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int)

  /// Computes worker `worker`'s share of what forward passes need of the packed weights.
  func prepare(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int)

  /// Places in the flat parameters from which on a backward pass is done with the gradients of all that lie behind, as
  /// it tells its shard, in that order and so descending; the start is left out.
  var gradientBoundaries: [Int] { get }

  /// The places in a flat array of the parameters whose gradients follow from others, in ascending order.
  var derivedParameters: [Range<Int>] { get }

  /// Bytes of the weights that one time step of the largest recurrent layer streams through.
  var stepWeightBytes: Int { get }

  /// Fills those gradients once what they follow from is folded over all lanes.
  func deriveGradients(_ engine: Engine, parameters: Matrix, gradient: Matrix)
}

extension ParallelModule {
  package var gradientBoundaries: [Int] { [] }
  package var stepWeightBytes: Int { 0 }
  package var derivedParameters: [Range<Int>] { [] }
  package func prepare(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {}
  package func deriveGradients(_ engine: Engine, parameters: Matrix, gradient: Matrix) {}

  /// The first values of all parameters, flat `[1, layout.count]`.
  package func initialParameters(seed: UInt64) -> Tensor {
    let flat = Tensor(rows: 1, columns: layout.count)
    for parameter in layout.parameters {
      let key = RandomKey(seed: seed, purpose: RandomPurpose.initialization(parameter.name), step: 0)
      parameter.matrix(in: flat.matrix).assign(
        parameter.initialization.values(rows: parameter.rows, columns: parameter.columns, key: key))
    }
    return flat
  }
}

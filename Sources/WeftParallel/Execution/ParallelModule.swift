import KernelInterface
import WeftBase
import WeftLayers
import WeftTensor

/// A module with parameters that runs over shards in parallel.
package protocol ParallelModule: Sendable {
  var layout: ParameterLayout { get }

  /// Packs worker `worker`'s share of all weights; all shares must be packed before a forward pass.
  func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int)

  /// Computes worker `worker`'s share of values derived from the packed weights for forward passes.
  func prepare(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int)

  /// Offsets in the flat parameters, in descending order and without 0: a backward pass reports to its shard, in this
  /// order, that all gradients from each offset on are final.
  var gradientBoundaries: [Int] { get }

  /// The ranges of parameters whose gradients are derived from others, in ascending order.
  var derivedParameters: [Range<Int>] { get }

  /// What drops weights, for the whole of a step of the optimizer.
  var dropConnects: [DropConnect] { get }

  /// What each step of the optimizer updates beside the parameters that have gradients.
  var batchNormalizations: [BatchNormalizationBlock] { get }

  /// Bytes of the weights of one time step of the largest recurrent layer.
  var stepWeightBytes: Int { get }

  /// Computes the derived gradients after the reduction over all lanes.
  func deriveGradients(_ engine: Engine, parameters: Matrix, gradient: Matrix)
}

extension ParallelModule {
  package var gradientBoundaries: [Int] { [] }
  package var stepWeightBytes: Int { 0 }
  package var dropConnects: [DropConnect] { [] }
  package var derivedParameters: [Range<Int>] { [] }
  package var batchNormalizations: [BatchNormalizationBlock] { [] }
  package func prepare(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {}
  package func deriveGradients(_ engine: Engine, parameters: Matrix, gradient: Matrix) {}

  /// The ranges of parameters whose gradients are not those of the nodes, in ascending order.
  var rangesWithoutNodes: [Range<Int>] {
    if layout.derivedCount == 0 { return [] }
    return (derivedParameters + batchNormalizations.flatMap(\.averages)).sorted {
      $0.lowerBound < $1.lowerBound
    }
  }

  /// The initial values of all parameters, flat `[1, layout.count]`.
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

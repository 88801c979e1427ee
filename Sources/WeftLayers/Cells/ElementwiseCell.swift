import KernelInterface
import WeftTensor

/// A cell without a matrix product in its time steps: each unit of h₋₁ affects its own unit of h alone.
///
/// What is left of a step is element-wise, so that a layer is one product with all inputs and a pass over its memory. The
/// pass is sequential in time, which is a single order of operations: a scan over time as a tree would compute more, and
/// gain only where there are fewer rows than threads.
package protocol ElementwiseCell: RecurrentCell {
  /// Number of gates.
  var gates: Int { get }
}

extension ElementwiseCell {
  package var recurrentProjections: [Projection] { [] }
  package var hasDirectPath: Bool { false }

  package func gradientGroups(
    _ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard
  ) -> [GradientGroup] {
    [GradientGroup(right: pass.gates.stored, inputGates: 0..<gates, operands: [])]
  }

  package func accumulateNormalized(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard) {}
}

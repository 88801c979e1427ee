import KernelInterface

/// A layer whose gradient flow is recorded.
package struct TracedLayer: Sendable {
  package let name: String
  /// Direction of the layer; gradients flow in the opposite one.
  package let direction: Direction

  package init(name: String, direction: Direction) {
    self.name = name
    self.direction = direction
  }
}

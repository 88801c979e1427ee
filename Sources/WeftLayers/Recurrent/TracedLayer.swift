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

extension BlockStack {
  /// All layers from the bottom up, with names like `layer0/forward`.
  package var tracedLayers: [TracedLayer] {
    levels.enumerated().flatMap { level, layers in
      layers.map { TracedLayer(name: "layer\(level)/\($0.direction.rawValue)", direction: $0.direction) }
    }
  }
}

extension BlockStack {
  /// All layers from the bottom up, with names like `layer0/forward`.
  package var tracedLayers: [TracedLayer] {
    levels.enumerated().flatMap { level, layers in
      layers.map { TracedLayer(name: "layer\(level)/\($0.direction.rawValue)", direction: $0.direction) }
    }
  }
}

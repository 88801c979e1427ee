import WeftBase

/// Gradient flow back through time: ‖∂L/∂h_t‖ over the minibatch, by layer and time step.
package struct GradientFlow: Sendable, Equatable, Codable {
  package let step: Int
  package let layers: [String]
  /// For each layer, by time step.
  package let norms: [[Float]]

  /// Ratio of the maximum to the minimum norm above which gradients count as vanishing or exploding.
  static let vanishingRatio: Float = 1e-6
  static let explodingRatio: Float = 1e3

  package init(step: Int, layers: [String], norms: [[Float]]) {
    self.step = step
    self.layers = layers
    self.norms = norms
  }

  /// One line per layer whose gradients vanish, explode or become non-finite going back through time.
  package var warnings: [String] {
    zip(layers, norms).compactMap { layer, norms in
      // The gradient of a backward layer flows in the opposite direction.
      let flow = layer.hasSuffix("backward") ? norms : norms.reversed()
      guard let start = flow.first, let end = flow.last, flow.count > 1 else { return nil }
      if let index = flow.firstIndex(where: { !$0.isFinite }) {
        return "\(layer): the gradient is non-finite from \(index) steps before the end of the sequence"
      }
      let steps = flow.count - 1
      let from = NumberText.significant(Double(start), digits: 2)
      let to = NumberText.significant(Double(end), digits: 2)
      if end < GradientFlow.vanishingRatio * start {
        return "\(layer): vanishing gradients: ‖∂L/∂h‖ falls from \(from) to \(to) over \(steps) time steps"
      }
      if end > GradientFlow.explodingRatio * start, start > 0 {
        return
          "\(layer): exploding gradients: ‖∂L/∂h‖ grows from \(from) to \(to) over \(steps) time steps;"
          + " consider training.clip_norm"
      }
      return nil
    }
  }

  /// The norms of each layer of the newest record by time step over the steps of the run, `[records][time steps]`.
  static func maps(_ records: [GradientFlow]) -> [(tag: String, columns: [[Float]])] {
    guard let newest = records.last else { return [] }
    return newest.layers.enumerated().map { index, layer in
      (
        tag: "gradient_flow/\(layer)",
        columns: records.compactMap { $0.norms.indices.contains(index) ? $0.norms[index] : nil }
      )
    }
  }
}

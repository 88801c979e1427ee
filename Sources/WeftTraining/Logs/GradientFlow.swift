import WeftBase

/// How gradients flow back through time: ‖∂L/∂h_t‖ over the minibatch, by layer and time step.
package struct GradientFlow: Sendable, Equatable, Codable {
  package let step: Int
  package let layers: [String]
  /// For each layer, by time step.
  package let norms: [[Float]]

  /// Ratios of the greatest to the least norm beyond which gradients count as vanished or exploded.
  static let vanishingRatio: Float = 1e-6
  static let explodingRatio: Float = 1e3

  package init(step: Int, layers: [String], norms: [[Float]]) {
    self.step = step
    self.layers = layers
    self.norms = norms
  }

  /// A line for each layer whose gradients vanish, explode or are no numbers on their way back through time.
  package var warnings: [String] {
    zip(layers, norms).compactMap { layer, norms in
      // A backward layer's gradient flows the other way.
      let flow = layer.hasSuffix("backward") ? norms : norms.reversed()
      guard let start = flow.first, let end = flow.last, flow.count > 1 else { return nil }
      if let index = flow.firstIndex(where: { !$0.isFinite }) {
        return "\(layer): the gradient is not finite from \(index) steps before the end of the sequence on"
      }
      let steps = flow.count - 1
      let from = NumberText.significant(Double(start), digits: 2)
      let to = NumberText.significant(Double(end), digits: 2)
      if end < GradientFlow.vanishingRatio * start {
        return "\(layer): gradients vanish: ‖∂L/∂h‖ falls from \(from) to \(to) over \(steps) time steps"
      }
      if end > GradientFlow.explodingRatio * start, start > 0 {
        return "\(layer): gradients explode: ‖∂L/∂h‖ grows from \(from) to \(to) over \(steps) time steps;"
          + " training.clip_norm helps"
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

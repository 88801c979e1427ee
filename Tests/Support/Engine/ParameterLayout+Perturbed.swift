import WeftLayers
import WeftTensor

extension ParameterLayout {
  /// Parameters with noise of up to ±0.3, so that biases and gains also differ from their initial values.
  package func perturbed(_ parameters: Tensor, using random: inout SplitMix) -> [Float] {
    var result = [Float](repeating: 0, count: count)
    for parameter in self.parameters {
      let noise = random.floats(parameter.count, in: -0.3...0.3)
      result.replaceSubrange(
        parameter.offset..<parameter.offset + parameter.count,
        with: zip(parameters.values(of: parameter), noise).map { $0 + $1 })
    }
    return result
  }
}

extension ModelRun {
  /// How far the gradient of each parameter departs from finite differences of a loss, relative to the scale of its
  /// rounding: its norm, and a hundredth of that of all.
  ///
  /// - Parameters:
  ///   - loss: The loss for parameters by name.
  ///   - elements: Single elements of each parameter to vary, beside two random directions.
  package func departures(
    of result: Result, from loss: ([String: [Double]]) -> Double, elements: Int, using random: inout SplitMix
  ) -> [(parameter: String, departure: Double, scale: Double)] {
    let parameters = namedParameters
    return model.layout.parameters.map { parameter in
      let range = parameter.offset..<parameter.offset + parameter.count
      let (departure, norm) = FiniteDifferences.departure(
        of: Array(result.gradient[range]),
        from: { values in
          var changed = parameters
          changed[parameter.name] = values
          return loss(changed)
        }, at: parameters[parameter.name] ?? [], directions: 2, elements: elements, using: &random)
      return (parameter.name, departure, norm + 0.01 * result.norm)
    }
  }
}

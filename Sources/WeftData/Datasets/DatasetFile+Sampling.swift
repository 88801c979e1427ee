import WeftBase

extension DatasetFile {
  /// What draws the sequences of an epoch; nil to visit each once.
  ///
  /// - Throws: If the classes or weights cannot be read, or there is nothing to draw.
  func sampler(_ split: Split, _ name: String) throws(WeftError) -> WeightedSampler? {
    guard let sampling = data.sampling else { return nil }
    func failure(_ message: String) -> WeftError { .data("\(path): group /\(name): \(message)") }
    guard case .sequences(let places) = split.layout else {
      throw failure("is one stream; data.sampling draws sequences")
    }
    var weights: [Double]
    if sampling == DataConfiguration.balancedSampling {
      guard let targets = split.targets, case .tokens = targets.content, !split.hasTargetPerStep,
        split.targetPlaces == nil
      else {
        throw failure("data.sampling: balanced needs one class for each sequence; name a dataset of weights")
      }
      weights = []
      for block in split.targetBlocks {
        guard case .tokens(let classes) = try targets.read([block]) else { continue }
        weights += classes.map(Double.init)
      }
      // Sequences without a class are not drawn.
      let counts = weights.reduce(into: [Double: Double]()) { $0[$1, default: 0] += 1 }
      weights = weights.map { $0 < 0 ? 0 : 1 / counts[$0, default: 1] }
    } else {
      guard let reader = split.samplingWeights else {
        throw failure("data.sampling: '\(sampling)' is not there")
      }
      weights = try reader.features([(offset: [0], count: [places.count])]).values.map(Double.init)
    }
    guard let sampler = WeightedSampler(weights) else {
      throw failure("data.sampling: all weights are 0, so that no sequence can be drawn")
    }
    return sampler
  }
}

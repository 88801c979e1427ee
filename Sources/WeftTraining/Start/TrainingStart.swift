import WeftBase
import WeftData
import WeftLayers
import WeftTasks
import WeftText

/// Where a new run takes weights from, and what a resumed run changes deliberately.
public struct TrainingStart: Sendable, Equatable {
  /// A run's folder or a checkpoint whose weights a new run starts from; nil for random ones.
  public var model: String?
  /// Token embeddings that a new run starts from; nil for random ones.
  public var embeddings: PretrainedEmbeddings?
  /// Keys of the configuration in which a resumed run may differ from its checkpoint.
  public var changedKeys: Set<String>

  /// Random weights, and no changes, by default.
  public init(
    model: String? = nil, embeddings: PretrainedEmbeddings? = nil, changedKeys: Set<String> = []
  ) {
    self.model = model
    self.embeddings = embeddings
    self.changedKeys = changedKeys
  }

  /// Whether a resumed run can go on with another value of a key: what does not change its model, its data, or the state
  /// of its optimizer.
  static func mayChange(_ key: String) -> Bool {
    if ["optimizer.kind", "optimizer.momentum", "loss.kind", "loss.quantiles", "loss.blank"].contains(key) {
      return false
    }
    if ["optimizer.", "schedule.", "loss."].contains(where: key.hasPrefix) { return true }
    return [
      "training.clip_norm", "training.clip_value", "training.freeze", "training.metric",
      "training.early_stopping_patience", "training.evaluate_every", "model.dropout",
      "model.recurrent_dropout", "model.zoneout", "model.cell_zoneout", "model.drop_connect",
    ].contains(key)
  }

  /// Replaces the initial weights of a new run.
  ///
  /// - Returns: What was taken, for the user.
  /// - Throws: If a file cannot be read, or nothing in it fits the model.
  func apply(to loop: TrainingLoop) throws(WeftError) -> [String] {
    var notes: [String] = []
    if let model {
      let path = try RunFolder.checkpointPath(model)
      let source = WeightSource(try Checkpoint(reading: path), file: path)
      notes += try source.assign(to: loop)
      loop.state.startedFrom = "\(path) (step \(source.step))"
    }
    if let embeddings {
      notes.append(try embeddings.assign(to: loop))
      loop.state.startedFrom = [loop.state.startedFrom, embeddings.source].compactMap(\.self).joined(
        separator: ", ")
    }
    if !notes.isEmpty { loop.weightsWereReplaced() }
    return notes
  }
}

extension Configuration {
  /// Factors of the learning rate; 0 for frozen parameters.
  ///
  /// - Throws: If a name fits no parameter, or nothing is left to train.
  func learningRateFactors(of layout: ParameterLayout) throws(WeftError) -> LearningRateFactors {
    let frozen = training.freeze.map { (path: $0, factor: 0.0) }
    let factors = LearningRateFactors(
      optimizer.rateFactors.entries.map { (path: $0.name, factor: $0.factor) } + frozen)
    try factors.check(layout) { path in
      training.freeze.contains(path) ? "training.freeze" : "optimizer.rate_factors"
    }
    return factors
  }
}

import WeftBase
import WeftData
import WeftLayers
import WeftTasks

extension DatasetFile {
  /// A loss with the weights that balance the targets of the training split, where the configuration wants them.
  ///
  /// - Parameter outputs: Outputs of the model.
  /// - Throws: If the targets cannot be read, or there are other numbers of weights than of classes or labels.
  func balanced(_ loss: Loss, _ configuration: Configuration, outputs: Int) throws(WeftError) -> Loss {
    var loss = loss
    let train = configuration.data.split.train
    if configuration.loss.classWeights == .balanced {
      let counts = try classCounts(split: train, classes: outputs)
      let present = Double(counts.count { $0 > 0 })
      let total = Double(counts.reduce(0, +))
      // As scikit-learn's 'balanced': the mean weight of all targets is 1.
      loss.classWeights = counts.map { $0 == 0 ? 0 : Float(total / (present * Double($0))) }
    }
    if configuration.loss.positiveWeight == .balanced {
      loss.positiveWeights = try positiveCounts(split: train).map { sum, count in
        sum > 0 ? Float((Double(count) - sum) / sum) : 1
      }
    }
    if !loss.classWeights.isEmpty, loss.classWeights.count != outputs {
      throw .configuration(
        "loss.class_weights: has \(loss.classWeights.count) \(loss.classWeights.count == 1 ? "weight" : "weights"), but there are \(outputs) classes"
      )
    }
    if loss.positiveWeights.count > 1, loss.positiveWeights.count != outputs {
      throw .configuration(
        "loss.positive_weight: has \(loss.positiveWeights.count) weights, but there are \(outputs) labels")
    }
    return loss
  }
}

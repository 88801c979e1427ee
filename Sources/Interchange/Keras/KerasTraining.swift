import WeftLayers

/// Reads what `model.compile` was told: `training_config` in HDF5, `compile_config` in a `.keras` archive.
enum KerasTraining {
  static func settings(_ description: JSONValue?) -> TrainingSettings {
    TrainingSettings(
      loss: loss(description?["loss"]),
      optimizer: optimizer(description?["optimizer"] ?? description?["optimizer_config"]))
  }

  /// A loss by its name or object; of several outputs, of the only one.
  private static func loss(_ value: JSONValue?) -> LossType? {
    guard let value else { return nil }
    if let list = value.list { return list.count == 1 ? loss(list[0]) : nil }
    if let members = value.members, members["class_name"] == nil {
      return members.count == 1 ? members.values.first.flatMap(loss) : nil
    }
    // A function is an object whose configuration is its name.
    let name = value.text ?? value["config"]?.text ?? value["class_name"]?.text ?? ""
    return losses[name.lowercased().replacing("_", with: "")]
  }

  private static let losses: [String: LossType] = [
    "mse": .squaredError, "meansquarederror": .squaredError, "mae": .absoluteError,
    "meanabsoluteerror": .absoluteError, "binarycrossentropy": .binaryCrossEntropy,
    "categoricalcrossentropy": .crossEntropy, "sparsecategoricalcrossentropy": .crossEntropy,
  ]

  private static func optimizer(_ value: JSONValue?) -> OptimizerConfiguration? {
    let kinds: [String: OptimizerKind] = ["adam": .adam, "adamw": .adamw, "sgd": .sgd, "rmsprop": .rmsprop]
    // Keras 2 has had names such as Custom>Adam.
    let name = (value?["class_name"]?.text ?? value?.text ?? "").split(separator: ">").last?.lowercased()
    guard let kind = name.flatMap({ kinds[$0] }) else { return nil }
    var result = OptimizerConfiguration()
    result.kind = kind
    let config = value?["config"]
    func take(_ keys: [String], _ isAllowed: (Double) -> Bool, _ set: (Double) -> Void) {
      for key in keys {
        if let number = config?[key]?.number, number.isFinite, isAllowed(number) { return set(number) }
      }
    }
    take(["learning_rate", "lr"], { $0 > 0 }) { result.learningRate = decimal($0) }
    if kind == .sgd { take(["momentum"], { (0..<1).contains($0) }) { result.momentum = decimal($0) } }
    if kind == .sgd, config?["nesterov"]?.bool == true { result.nesterov = true }
    if kind == .adam || kind == .adamw {
      take(["beta_1"], { (0..<1).contains($0) }) { result.beta1 = decimal($0) }
      take(["beta_2"], { (0..<1).contains($0) }) { result.beta2 = decimal($0) }
    }
    if kind == .rmsprop { take(["rho"], { (0..<1).contains($0) }) { result.decay = decimal($0) } }
    if kind != .sgd { take(["epsilon"], { $0 > 0 }) { result.epsilon = decimal($0) } }
    if kind == .adamw { take(["weight_decay"], { $0 >= 0 }) { result.weightDecay = decimal($0) } }
    return result
  }

  /// The number that a float32 stands for: Keras stores 0.001 as 0.0010000000474974513.
  private static func decimal(_ number: Double) -> Double {
    Double(Float(number)) == number ? Double("\(Float(number))") ?? number : number
  }
}

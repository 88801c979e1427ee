import WeftBase
import WeftLayers

/// Layers that take some of a sequence's steps.
extension KerasNetworkReader {
  /// Adjacent steps that a layer leaves.
  struct KeptSteps {
    var layer: String
    var count: Int
    /// Steps between them and the end of the sequence.
    var after: Int
  }

  /// `x[:, -1]` and the like.
  mutating func addSlice(_ layer: KerasLayer) throws(WeftError) {
    var axes = (layer.slices ?? []).map(Slice.init)
    if axes.last == .rest { axes.removeLast() }
    guard axes.count >= 2, axes.count <= 3, axes[0] == .all, axes.count == 2 || axes[2] == .all else {
      throw refuse(layer, "takes other than some steps of all features, which is not supported")
    }
    if axes[1] == .all { return }
    guard case .some(let start, let end) = axes[1] else {
      throw refuse(layer, "takes steps at a distance, or in another order, which is not supported")
    }
    try keep(from: start, to: end, layer)
  }

  /// `Cropping1D`.
  mutating func addCropping(_ layer: KerasLayer) throws(WeftError) {
    let counts = layer.counts("cropping")
    guard counts.count == 2, counts.allSatisfy({ $0 >= 0 }) else {
      throw refuse(layer, "crops an unknown number of steps")
    }
    try keep(from: counts[0], to: counts[1] == 0 ? nil : -counts[1], layer)
  }

  /// Keeps the steps from one to before another, of which negative numbers count from the end.
  private mutating func keep(from start: Int, to end: Int?, _ layer: KerasLayer) throws(WeftError) {
    try checkAppending(layer)
    guard obstacles.isEmpty else { return }
    guard !isPooled, returnsSequences != false, flattenedSteps == nil, keptSteps == nil, repetition == nil,
      !chain.blocks.isEmpty || branchInputs != nil
    else { throw refuse(layer, "takes steps of other than the outputs of a layer at all steps") }
    func fromEnd(_ place: Int) throws(WeftError) -> Int {
      if place < 0 { return -place }
      guard let steps else { throw refuse(layer, "is supported in a model with a fixed number of steps") }
      return steps - place
    }
    let (first, after) = (try fromEnd(start), try end.map { end throws(WeftError) in try fromEnd(end) } ?? 0)
    guard after >= 0, first > after, first <= min(steps ?? 4096, 4096) else {
      throw refuse(layer, "takes no step, or steps that a sequence does not have")
    }
    if first == steps, after == 0 { return }
    if first == 1 {
      try append(.pool(endsInDirections ? .lastPosition : .last), layer)
      returnsSequences = false
      return
    }
    keptSteps = KeptSteps(layer: layer.name, count: first - after, after: after)
  }

  /// - Throws: If a block cannot come after a layer that leaves some steps.
  func checkSteps(_ block: NetworkBlock, _ layer: KerasLayer) throws(WeftError) {
    guard let keptSteps, obstacles.isEmpty else { return }
    switch block {
    case .dense, .normalization: return
    default:
      throw refuse(
        layer,
        "comes after '\(keptSteps.layer)', which leaves some of the steps; Weft takes them at the end, or before"
          + " Flatten, only")
    }
  }

  /// Ends the blocks in the outputs of the steps that are left, side by side.
  mutating func joinKept(_ chain: inout BlockChain) throws(WeftError) {
    guard let keptSteps else { return }
    guard softmax == nil, chain.endInDense(features: outputSize),
      chain.joinFirstOutputs(keptSteps.count, of: keptSteps.count + keptSteps.after)
    else {
      throw .model(
        "\(file): layer '\(keptSteps.layer)': leaves \(keptSteps.count) steps, which is supported at the end without"
          + " softmax, or before Flatten")
    }
    notes.append(
      "layer '\(keptSteps.layer)' leaves \(keptSteps.count) steps: their outputs are side by side, as those of direct"
        + " forecasts")
  }

  /// `Permute` of the inputs, which data can be stored by, or of one feature, whose steps become one step of features.
  mutating func addPermute(_ layer: KerasLayer) throws(WeftError) {
    let order = layer.config["dims"]?.list?.map(\.integer) ?? []
    if order == [1, 2] { return }
    if order == [2, 1], isInBranch, outputSize == 1, let steps, steps <= BlockChain.maximumIdentity, !isPooled
    {
      let all = DenseWeights(weights: .identity(steps), bias: [Float](repeating: 0, count: steps))
      try append(
        .convolution(
          ConvolutionWeights(
            dense: all, width: steps, stride: 1, dilation: 1, padding: .valid, activation: .linear)), layer)
      notes.append(
        "layer '\(layer.name)' makes one step of \(steps): sequences must have the length that the model was made for"
      )
      return
    }
    guard order == [2, 1], chain.blocks.isEmpty, embedding == nil, branchInputs == nil, chain.scaling == nil,
      zeroPadding == nil,
      let shape = inputShape, shape.count == 3, let steps = shape[1]
    else {
      throw refuse(
        layer,
        "exchanges steps and features, which is supported for inputs of a fixed number of steps, or in a branch for one"
          + " feature, only")
    }
    notes.append(
      "layer '\(layer.name)' exchanges the steps and features of the inputs: store them as steps of \(steps) features"
    )
    inputShape = [shape[0], shape[2], shape[1]]
  }
}

/// What a slice takes of an axis.
private enum Slice: Equatable {
  case all
  /// All of the other axes.
  case rest
  case some(from: Int, to: Int?)
  case other

  /// A number, or an object with `start`, `stop` and `step`.
  init(_ value: JSONValue) {
    if let place = value.integer {
      self = .some(from: place, to: place == -1 ? nil : place + 1)
      return
    }
    if value["class_name"]?.text == "__ellipsis__" || value["value"]?.text == "Ellipsis" {
      self = .rest
      return
    }
    let members = value["config"] ?? value
    let parts = ["start", "stop", "step"].map { members[$0] ?? .null }
    guard value.members != nil, members["start"] != nil,
      parts.allSatisfy({ $0 == .null || $0.integer != nil }),
      [nil, 1].contains(parts[2].integer)
    else {
      self = .other
      return
    }
    let (start, stop) = (parts[0].integer, parts[1].integer)
    self = (start ?? 0) == 0 && stop == nil ? .all : .some(from: start ?? 0, to: stop)
  }
}

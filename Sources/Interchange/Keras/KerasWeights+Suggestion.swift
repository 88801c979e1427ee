import WeftLayers

/// The option that names the layers of a file of weights.
extension KerasNetworkReader {
  /// What to do about a file that does not describe its layers: with activations that are common, as the user knows the
  /// right ones.
  func suggestion(_ weights: KerasWeights) -> String {
    guard let items = weights.arranged()?.items, !items.isEmpty, items.count <= 32 else {
      return "save the whole model (model.save), or name all layers with --set model.blocks"
    }
    let texts = blocks(items, weights.others)
    return
      "save the whole model (model.save), or name all layers with --set 'model.blocks=[\(texts.joined(separator: ", "))]',"
      + " in the order and with the activations that the network has; a last dense layer is the output"
  }

  private func blocks(_ items: [KerasWeights.Item], _ others: [String]) -> [String] {
    let pools = others.compactMap { KerasWeights.pooling($0) }
    let windows = pools.filter { $0.text.contains("width") }
    let whole = pools.first { !$0.text.contains("width") }
    let lastLevel = items.lastIndex { $0.kind == .recurrent }
    let lastConvolution = items[..<(lastLevel ?? items.count)].lastIndex { $0.kind == .convolution }
    let isFlat = others.contains { $0.hasPrefix("flatten") }
    var isPooled = hints.outputSteps == .everyStep
    var features = embedding?.columns
    var texts: [String] = []
    for (index, item) in items.enumerated() {
      let isOutput = index == items.count - 1 && item.kind == .dense
      if isFlat, !isPooled, item.kind == .dense, index > lastLevel ?? -1, let known = features,
        let inputs = item.inputs,
        inputs > known, inputs % known == 0
      {
        texts.append(
          "{convolution: \(item.outputs), width: \(inputs / known), padding: valid\(isOutput ? "" : ", activation: relu")}"
        )
        texts.append("{pool: last}")
        isPooled = true
      } else if !isOutput {
        texts.append(text(item, readBy: items[(index + 1)...].first))
      }
      features = isMerged(item, items[(index + 1)...].first) ? item.outputs / 2 : item.outputs
      if index == lastConvolution { texts += windows.map(\.text) }
      let next = items[(index + 1)...].first?.kind
      if index == lastLevel ?? lastConvolution, !isPooled, !isFlat || next != .dense {
        texts.append(whole?.text ?? "{pool: last}")
        isPooled = true
      }
    }
    return texts
  }

  /// Whether the next layer reads the directions of a layer added to each other.
  func isMerged(_ item: KerasWeights.Item, _ next: KerasWeights.Item?) -> Bool {
    item.isBidirectional && next?.inputs.map { 2 * $0 == item.outputs } ?? false
  }

  private func text(_ item: KerasWeights.Item, readBy next: KerasWeights.Item?) -> String {
    switch item.kind {
    case .embedding: return ""
    case .dense: return "{dense: \(item.outputs), activation: relu}"
    case .convolution:
      let width = item.layer.variables.first?.array.shape.first ?? 1
      return "{convolution: \(item.outputs), width: \(width), padding: valid, activation: relu}"
    case .batchNormalization: return "{normalization: batch, epsilon: 0.001}"
    case .layerNormalization: return "{normalization: layer, epsilon: 0.001}"
    case .recurrent:
      let isBoth = item.isBidirectional
      let variables = Array(item.layer.variables.prefix(isBoth ? item.layer.variables.count / 2 : 3))
      let cell = (try? recurrent(item.layer, nil, [:], variables).cell.name) ?? "lstm"
      return "{cell: \(cell), hidden: \(isBoth ? item.outputs / 2 : item.outputs)"
        + (isBoth ? ", bidirectional: true" : "") + (isMerged(item, next) ? ", merge: sum}" : "}")
    }
  }
}

extension KerasWeights {
  /// The block of a layer without weights that pools, by its name.
  static func pooling(_ name: String) -> (matches: (BlockConfiguration) -> Bool, text: String)? {
    let isMaximum = name.contains("max")
    if name.contains("global_max") || name.contains("global_average") {
      let kind = isMaximum ? PoolKind.maximum : .mean
      return ({ $0.pool == kind }, "{pool: \(kind.rawValue)}")
    }
    guard name.contains("pooling1d") else { return nil }
    let kind = isMaximum ? WindowPooling.maximum : .mean
    return ({ $0.pooling == kind }, "{pooling: \(kind.rawValue), width: 2, stride: 2, padding: valid}")
  }
}

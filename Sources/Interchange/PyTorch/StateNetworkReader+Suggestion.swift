import WeftBase
import WeftLayers
import WeftModels

/// The option that names the layers of a state dictionary, as a way out of a refusal.
extension StateNetworkReader {
  /// Why the layers of the file make no network without the user's help, and how to help, or why nothing helps.
  func refusal() -> WeftError {
    let strays = self.strays
    let withoutRecurrence =
      "contains no weight_ih_l0 of nn.LSTM, nn.GRU or nn.RNN, nor weight_ih of their cells; a recurrence that a program"
      + " makes of other layers is not in its weights"
    if !strays.isEmpty {
      return refuse(levels.isEmpty ? "\(withoutRecurrence), and transformers are not supported" : strays)
    }
    for embedding in embeddings.map(Optional.some) + [nil] {
      let columns = embedding.flatMap { rest[Self.weight(of: $0)]?.shape[1] }
      guard let text = suggestion(layers(without: embedding), from: columns) else { continue }
      return refuse(
        (levels.isEmpty ? "\(withoutRecurrence); where there is none, " : "")
          + "a state dictionary does not tell what stands between \(names(layers(without: embedding))); name all blocks with"
          + " \(text)")
    }
    return refuse(levels.isEmpty ? withoutRecurrence : unplaced(layers(without: embeddings.first)))
  }

  private func names(_ layers: [StateLayer]) -> String {
    var titles: [String] = []
    for layer in layers where !titles.contains(layer.title) { titles.append(layer.title) }
    return Self.list(titles)
  }

  /// The option for layers that stand on one another in an order that their sizes allow; nil if they allow none.
  private func suggestion(_ layers: [StateLayer], from features: Int?) -> String? {
    let attention = layers.filter { $0.kind == .linear && $0.name.isOfAttention }
    var pool = "{pool: \(hints.outputSteps?.poolKind?.rawValue ?? "last")}"
    if !attention.isEmpty {
      let pairs = Set(layers.map(\.outputs)).flatMap { attentions(layers, size: $0) }
        .map { pair in pair.map { layers[$0] } }.filter { $0.contains(where: \.name.isOfAttention) }
      if pairs.count == 1, attention.allSatisfy(pairs[0].contains) {
        pool = "{pool: attention, size: \(pairs[0][0].outputs)}"
      } else if attention.count == 1, attention[0].outputs == 1 {
        pool = "{pool: attention, size: 1, activation: linear}"
      } else {
        return nil
      }
    }
    let stack = layers.filter { !attention.contains($0) }
    for (layers, merged) in merges(stack) {
      var search = LayerSearch(layers)
      guard let order = search.orders(from: features, limit: 1).first else { continue }
      return option(order.map { layers[$0] }, merged: merged, pool: pool)
    }
    return nil
  }

  /// The layers with directions side by side, and with those of the last or of all bidirectional layers added.
  private func merges(_ layers: [StateLayer]) -> [(layers: [StateLayer], merged: Set<Int>)] {
    let both = layers.indices.filter { index in
      guard case .recurrent(let number) = layers[index].kind else { return false }
      return levels[number].layers.count == 2
    }
    let choices: [Set<Int>] = [[], Set(both.suffix(1)), Set(both)]
    return choices.prefix(both.isEmpty ? 1 : both.count == 1 ? 2 : 3).map { chosen in
      var result = layers
      for index in chosen { result[index].outputs /= 2 }
      let numbers = chosen.compactMap { index -> Int? in
        if case .recurrent(let number) = layers[index].kind { number } else { nil }
      }
      return (result, Set(numbers))
    }
  }

  private func option(_ layers: [StateLayer], merged: Set<Int>, pool: String) -> String {
    var texts: [String] = []
    var guesses: [String] = []
    func guess(_ what: String) { if !guesses.contains(what) { guesses.append(what) } }
    let last = layers.lastIndex { layer in
      if case .convolution = layer.kind { true } else { layer.isRecurrent }
    }
    var body = layers[...]
    if body.last?.kind == .linear { body = body.dropLast() }
    for (place, layer) in body.enumerated() {
      let isNormalized = body.indices.contains(place + 1) && body[place + 1].isNormalization
      let activation = isNormalized ? "" : ", activation: relu"
      switch layer.kind {
      case .recurrent(let number):
        let level = levels[number]
        let first = level.layers[0]
        texts.append(
          "{cell: \(first.cell.name), hidden: \(first.units)"
            + (first.cell.hasProjection ? ", projection: \(first.hidden)" : "")
            + (level.layers.count > 1 ? ", bidirectional: true" : "")
            + (merged.contains(number) ? ", merge: sum}" : "}"))
        if merged.contains(number) { guess("merge: sum") }
      case .linear: texts.append("{dense: \(layer.outputs)\(activation)}")
      case .convolution(let width):
        texts.append("{convolution: \(layer.outputs), width: \(width), padding: same\(activation)}")
        guess("padding: same")
      case .layerNormalization: texts.append("{normalization: layer}")
      case .batchNormalization: texts.append("{normalization: batch}")
      case .vector: break
      }
      if !layer.isRecurrent, !layer.isNormalization, !isNormalized { guess("activation: relu") }
      if layer.isNormalization, place > 0, !body[place - 1].isRecurrent, !body[place - 1].isNormalization {
        texts.append("{activation: relu}")
        guess("activation: relu")
      }
      if place == last, hints.outputSteps != .everyStep {
        texts.append(pool)
        if hints.outputSteps == nil || pool.contains("attention") {
          guess(String(pool.dropFirst().dropLast()))
        }
      }
    }
    return "--set 'model.blocks=[\(texts.joined(separator: ", "))]'; "
      + (guesses.isEmpty
        ? "their order follows from their sizes"
        : "their order follows from their sizes, but \(Self.list(guesses))"
          + " \(guesses.count == 1 ? "is a guess" : "are guesses") to correct")
      + (layers.last?.kind == .linear ? "; the last linear layer is the output, and no block" : "")
  }
}

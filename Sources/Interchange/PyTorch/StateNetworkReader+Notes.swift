import WeftBase
import WeftLayers

/// What is assumed of a network, as notes for the user.
extension StateNetworkReader {
  /// Notes which layers became which blocks, and what blocks of the user mean in PyTorch.
  mutating func noteTold(
    _ placed: [PlacedBlock], _ output: StateLayer?, _ embedding: String?, isAmbiguous: Bool
  ) {
    if isOwn { return }
    var parts = embedding.map { ["'\($0)' as the embedding"] } ?? []
    for place in placed where !place.layers.isEmpty {
      let names = place.layers.map { "'\($0.title)'" }.joined(separator: " and ")
      parts.append("\(names) as block \(place.number + 1) (\(place.block.summary))")
    }
    if let output { parts.append("'\(output.title)' as the output") }
    notes.append(
      "takes \(parts.joined(separator: ", "))"
        + (isAmbiguous ? "; the sizes fit in another order, too, and this is that of the file" : "")
        + "; activations, poolings and paddings are those of model.blocks, which the file does not tell")
    noteNumbers(placed.flatMap(\.layers).map(\.title) + (output.map { [$0.title] } ?? []))
    for place in placed { note(place) }
    noteNormalizations(placed)
    if let pool = placed.firstIndex(where: { $0.block.pool == .last && $0.branching == nil }), pool > 0 {
      noteFinalStates(isBidirectional: placed[..<pool].last { $0.block.cell != nil }?.block.isBidirectional)
    }
  }

  /// Notes where a block differs from a layer of PyTorch that is easily taken for it.
  private mutating func note(_ place: PlacedBlock) {
    let block = place.block
    let number = "block \(place.number + 1)"
    if case .convolution = place.layers.first?.kind, block.padding == .same, let width = block.width,
      width > 1
    {
      notes.append(
        "\(number) has 'padding: same', as nn.Conv1d(padding="
          + (width % 2 == 1
            ? "\(width / 2 * block.dilation))"
            : "\"same\"; an even width and a number make other"
              + " steps)") + "; nn.Conv1d without padding is 'padding: valid'")
    }
    guard let kind = block.pooling, let width = block.width, width > 1 else { return }
    let name = kind == .maximum ? "nn.MaxPool1d" : "nn.AvgPool1d"
    if block.stride == 1 {
      notes.append(
        "\(number) moves its windows by one step, as \(name)(\(width), stride=1); \(name)(\(width)) is"
          + " {pooling: \(kind.rawValue), width: \(width), stride: \(width), padding: valid}")
    } else if block.padding == .same {
      notes.append(
        "\(number) has 'padding: same', as \(name)(\(width), ceil_mode=True); without ceil_mode it is 'padding: valid'"
      )
    }
    if kind == .mean, block.padding != .valid {
      notes.append("\(number) leaves out steps beyond the ends, as \(name) with count_include_pad=False")
    }
  }

  /// Notes the constants of normalizations, and what becomes of them.
  mutating func noteNormalizations(_ placed: [PlacedBlock]) {
    for place in placed {
      guard let layer = place.layers.first, layer.isNormalization else { continue }
      notes.append(
        "'\(layer.title)' has eps=\(place.block.epsilon), as nn."
          + (layer.kind == .batchNormalization ? "BatchNorm1d" : "LayerNorm") + " without that argument"
          + (layer.kind == .batchNormalization ? "; its running statistics join the weights beside it" : ""))
    }
  }

  /// Notes which states a pooling of the last step reads.
  mutating func noteFinalStates(isBidirectional: Bool?) {
    guard isBidirectional == true, !isOwn else { return }
    notes.append(
      "takes the output from the final states of both directions, as torch.cat of h_n; a network that reads the output"
        + " at the last position, as out[:, -1], is 'last-position' instead of 'last' or 'last-step'")
  }

  /// Notes that layers are taken to stand on one another.
  mutating func noteOrder(_ names: [String]) {
    guard names.count > 1, !isOwn else { return }
    notes.append(
      "takes \(names.map { "'\($0)'" }.joined(separator: ", then ")) to stand on one another, with nothing between"
        + " them: a state dictionary does not describe its network")
    noteNumbers(names)
  }

  /// Notes that numbers of names descend, as those of `fc2` and `fc1`.
  private mutating func noteNumbers(_ names: [String]) {
    for (first, second) in zip(names, names.dropFirst())
    where first.filter({ !$0.isNumber }) == second.filter({ !$0.isNumber }) && second.isNaturallyBefore(first)
    {
      notes.append(
        "'\(first)' comes before '\(second)', as in the file; where the network runs them in the order of their numbers,"
          + " change their order in the dictionary in Python")
    }
  }
}

extension String {
  /// Whether a name is that of an attention.
  var isOfAttention: Bool {
    lowercased().split { ".".contains($0) || $0 == "_" }
      .contains { $0.hasPrefix("att") || $0.contains("attn") || $0.contains("attention") }
  }
}

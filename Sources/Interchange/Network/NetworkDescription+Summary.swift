extension NetworkDescription {
  /// Such as `65 tokens, embedding 16, 2 × bidirectional lstm 128, 65 outputs at every step`.
  package var summary: String {
    var parts = inputParts
    if hasEqualLayers {
      let first = levels[0][0]
      parts.append(
        "\(levels.count) × \(isBidirectional ? "bidirectional " : "")\(first.cell.rawValue) \(first.hidden)")
      parts.append(
        "\(outputSize) outputs \(outputSteps == .everyStep ? "at every step" : "at the last step")")
    } else {
      parts += blocks.map(\.configuration.summary)
      parts.append("\(outputSize) outputs")
    }
    return parts.joined(separator: ", ")
  }

  /// The inputs and blocks, without the outputs.
  package var inputSummary: String {
    (inputParts + blocks.map(\.configuration.summary)).joined(separator: ", ")
  }

  private var inputParts: [String] {
    let inputs = if case .tokens = input { "tokens" } else { "features" }
    return ["\(input.size) \(inputs)"] + (embedding.map { ["embedding \($0.columns)"] } ?? [])
      + categories.map { "\($0.name) embedded in \($0.embedding.columns)" }
  }
}

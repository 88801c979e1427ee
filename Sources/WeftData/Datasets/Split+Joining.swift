import WeftBase

extension Split {
  /// The same split of several files, one after the other, reading through a store.
  ///
  /// - Parameter files: The files' names, for errors.
  /// - Throws: If a dataset cannot be read, or a file differs from the first in what its sequences are.
  static func joined(_ splits: [Split], files: [String], in store: ChunkStore) throws -> Split {
    var result = splits[0]
    for (split, file) in zip(splits, files).dropFirst() {
      if let difference = split.difference(from: result) {
        throw WeftError.failure("\(file): \(difference) in \(files[0])")
      }
      result.layout = try result.layout.followed(by: split.layout, file: file)
      if let own = result.targetPlaces, let other = split.targetPlaces {
        result.targetPlaces = try own.followed(by: other, file: file)
      }
    }
    func join(_ reader: KeyPath<Split, InputReader>) throws -> InputReader {
      InputReader(
        parts: try splits[0][keyPath: reader].parts.indices.map { part in
          try SequenceReader.joined(splits.map { $0[keyPath: reader].parts[part] }, in: store)
        }, scale: result[keyPath: reader].scale)
    }
    result.inputs = try join(\.inputs)
    if result.targets != nil { result.targets = try .joined(splits.compactMap(\.targets), in: store) }
    if result.covariates != nil { result.covariates = try join(\.covariates!) }
    return result
  }

  /// What a file has that another has not; nil where they can be joined.
  private func difference(from other: Split) -> String? {
    if inputs.parts.map(\.content) != other.inputs.parts.map(\.content) {
      return "has \(inputs.content) as inputs, not \(other.inputs.content) as"
    }
    if targets?.content != other.targets?.content {
      return "has \(targets?.content.description ?? "nothing") as targets, not"
        + " \(other.targets?.content.description ?? "nothing") as"
    }
    if covariates?.width != other.covariates?.width {
      return "has \(covariates?.width ?? 0) covariates, not \(other.covariates?.width ?? 0) as"
    }
    return nil
  }
}

extension Split.Layout {
  fileprivate func followed(by other: Split.Layout, file: String) throws -> Split.Layout {
    switch (self, other) {
    case (.stream(let steps), .stream(let more)): return .stream(steps: steps + more)
    case (.sequences(let own), .sequences(let more)):
      return .sequences(try own.followed(by: more, file: file))
    default:
      throw WeftError.failure("\(file): is laid out in another way than the files before it (data.format)")
    }
  }
}

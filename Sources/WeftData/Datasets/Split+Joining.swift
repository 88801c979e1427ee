import WeftBase

extension Split {
  /// Concatenates the same split of several files, read through a store.
  ///
  /// - Parameter files: Names of the files, for errors.
  /// - Throws: If a dataset cannot be read, or a file differs from the first in the content of its sequences.
  static func joined(_ splits: [Split], files: [String], in store: ChunkStore) throws -> Split {
    var result = splits[0]
    for (split, file) in zip(splits, files).dropFirst() {
      if let difference = split.difference(from: result) {
        throw WeftError.data("\(file): \(difference) in \(files[0])")
      }
      result.layout = try result.layout.followed(by: split.layout, file: file)
      result.names = result.names.flatMap { own in split.names.map { own + $0 } }
      if let own = result.targetPlaces, let other = split.targetPlaces {
        result.targetPlaces = try own.followed(by: other, file: file)
      }
    }
    func join(_ reader: KeyPath<Split, InputReader>) throws -> InputReader {
      try result[keyPath: reader].with(
        splits[0][keyPath: reader].parts.indices.map { part in
          try SequenceReader.joined(splits.map { $0[keyPath: reader].parts[part] }, in: store)
        })
    }
    result.inputs = try join(\.inputs)
    if case .sequences(let places) = result.layout { result.inputs.places = places }
    if result.targets != nil {
      result.targets = try .joined(splits.compactMap(\.targets), in: store)
    }
    if result.weights != nil { result.weights = try .joined(splits.compactMap(\.weights), in: store) }
    if result.samplingWeights != nil {
      result.samplingWeights = try .joined(splits.compactMap(\.samplingWeights), in: store)
    }
    if result.covariates != nil { result.covariates = try join(\.covariates!) }
    result.future = try FutureSteps.joined(
      splits.map(\.future), series: splits.map { $0.series?.count ?? 1 }, in: store)
    return result
  }

  /// The difference between two files, for an error; nil if they can be concatenated.
  private func difference(from other: Split) -> String? {
    if inputs.parts.map(\.content) != other.inputs.parts.map(\.content) {
      return "has \(inputs.content) as inputs, but \(other.inputs.content)"
    }
    if inputs.categories.map(\.column.names) != other.inputs.categories.map(\.column.names) {
      return "has other categories than those"
    }
    if targets?.content != other.targets?.content {
      return "has \(targets?.content.description ?? "nothing") as targets, but"
        + " \(other.targets?.content.description ?? "nothing")"
    }
    if covariates?.width != other.covariates?.width {
      return "has \(covariates?.width ?? 0) covariates, but \(other.covariates?.width ?? 0)"
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
      throw WeftError.data("\(file): layout differs from the preceding files (data.format)")
    }
  }
}

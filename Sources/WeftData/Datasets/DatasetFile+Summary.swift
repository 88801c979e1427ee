import WeftBase

extension DatasetFile {
  /// How a split is understood, in one line: its layout, sequences, steps, inputs and targets.
  ///
  /// For example `data.h5: 800 sequences of 5 to 40 steps of 2 features; targets: one of 3 classes for each sequence`.
  /// - Throws: If the split cannot be read.
  package func summary(split name: String) throws(WeftError) -> String {
    let split = try openSplit(name)
    let files = paths.count > 1 ? "\(path) and \(paths.count - 1) more" : path
    let parts = [
      "\(files): \(layoutText(split)) of \(inputText(split))", "targets: \(targetText(split))",
    ]
    let readers = split.inputs.parts + (split.covariates?.parts ?? []) + [split.targets].compactMap(\.self)
    var notes: [String] = []
    for reader in readers {
      guard let packed = reader.packed, !packed.summary.isEmpty else { continue }
      let note = "\(reader.dataset.path): \(packed.summary)"
      if !notes.contains(note) { notes.append(note) }
    }
    return (parts + notes).joined(separator: "; ")
  }

  private func layoutText(_ split: Split) -> String {
    switch split.layout {
    case .stream(let steps):
      if let horizon = data.horizon, let context = data.context {
        return "a stream of \(steps) steps, in windows of \(context) and the \(horizon) after them,"
      }
      return "a stream of \(steps) steps"
    case .sequences(let places):
      let lengths = (0..<places.count).map(places.length)
      let (least, most) = (lengths.min() ?? 0, lengths.max() ?? 0)
      return "\(places.count) sequences of \(least == most ? "\(most)" : "\(least) to \(most)") steps"
    }
  }

  private func inputText(_ split: Split) -> String {
    switch split.inputs.content {
    case .tokens(let count): return "one of \(count) tokens"
    case .features:
      let width = split.windows.width
      return "\(width) feature\(width == 1 ? "" : "s")"
        + (traits.scaling.inputs == nil ? "" : ", standardized")
    }
  }

  private func targetText(_ split: Split) -> String {
    guard let targets = split.targets else {
      if case .stream = split.layout { return "the next step" }
      return "the inputs"
    }
    let place =
      split.targetPlaces != nil
      ? "in sequences of their own" : split.hasTargetPerStep ? "at each step" : "for each sequence"
    switch targets.content {
    case .tokens(let count):
      return "one of \(count) \(targets.tokenRange == .tokens ? "tokens" : "classes") \(place)"
    case .features(let width): return "\(width) number\(width == 1 ? "" : "s") \(place)"
    }
  }
}

import HDF5
import WeftBase

extension DatasetFile {
  /// How a split is understood, in one line: its layout, sequences, steps, inputs and targets.
  ///
  /// For example `data.h5: 800 sequences of 5 to 40 steps of 2 features; targets: one of 3 classes for each sequence`.
  ///
  /// - Parameters:
  ///   - tellsNames: Whether features are told that stand for names, but are read as quantities.
  ///   - tellsSplit: Whether the line names the split.
  /// - Throws: If the split cannot be read.
  package func summary(
    split name: String, tellsNames: Bool = true, tellsSplit: Bool = false
  ) throws(WeftError) -> String {
    let split = try openSplit(name)
    let files = paths.count > 1 ? "\(path) and \(paths.count - 1) more" : path
    let parts = [
      "\(files): \(tellsSplit ? "\(name): " : "")\(layoutText(split)) of \(inputText(split))",
      "targets: \(targetText(split))",
    ]
    let readers =
      split.inputs.parts + (split.covariates?.parts ?? []) + [split.targets].compactMap(\.self)
    var notes: [String] = []
    for reader in readers {
      var packings = [(reader.dataset.path, reader.packed)]
      if !reader.packings.isEmpty, let parts = reader.stored?.parts {
        packings = zip(parts, reader.packings).map { ("\($0.file): \($0.path)", $1) }
      }
      for (path, packed) in packings {
        guard let packed, !packed.summary.isEmpty else { continue }
        let note = "\(path): \(packed.summary)"
        if !notes.contains(note) { notes.append(note) }
      }
    }
    for reader in readers {
      // A class is what it is, whatever its scale.
      guard case .features = reader.content, let note = try? UnappliedScale.note(of: reader.dataset) else {
        continue
      }
      let line = "\(reader.dataset.path): \(note)"
      if !notes.contains(line) { notes.append(line) }
    }
    for reader in readers {
      guard case .features = reader.content, let note = try? BitPatterns.note(of: reader.dataset) else {
        continue
      }
      notes.append("\(reader.dataset.path): \(note)")
    }
    for reader in readers where reader.dataset.losesMissing {
      notes.append("\(reader.dataset.path): stored with scale-offset, which does not keep NaN")
    }
    notes += arrangementNotes(split)
    notes += paddingNotes(split)
    notes += tokenNotes(split)
    notes += outlyingClassNotes(split)
    notes += markNotes(readers, split)
    if let firstClass, let targets = split.targets, targets.tokenRange == .classes {
      notes.append(
        "\(targets.dataset.path): its classes begin with \(firstClass), but count from 0; without a class 0 an output is"
          + " never right")
    }
    notes += try coarse(split.inputs.parts, split.inputs.scale, split)
    notes += try coarse(split.covariates?.parts ?? [], nil, split)
    if let targets = split.targets {
      notes += try coarse([targets], targets.scale, split)
      notes += try ignoredClassNotes(targets, split)
    }
    for feature in tellsNames ? traits.features : []
    where !feature.categories.isEmpty && !categories.contains(where: { $0.name == feature.name }) {
      notes.append(
        "'\(feature.name)' is the number of one of \(feature.categories.count) names, read as a quantity;"
          + " data.categories: [\(feature.name)] reads it through an embedding")
    }
    // What is both inputs and targets has the same note twice.
    return notes.reduce(into: parts) { if !$0.contains($1) { $0.append($1) } }.joined(separator: "; ")
  }

  /// Notes on dimensions that may not be what they are read as.
  private func arrangementNotes(_ split: Split) -> [String] {
    guard case .sequences(.dense(let lengths)) = split.layout, let reader = split.inputs.parts.first,
      case .features(let width) = reader.content, let shape = try? reader.dataset.shape, shape.count == 3
    else { return [] }
    if let program = (try? reader.dataset.reversingProgram) ?? nil {
      return [
        "\(reader.dataset.path): \(MATLABArray.text(shape)) in \(program), read as features x steps x sequences"
      ]
    }
    guard width > 1, lengths.allSatisfy({ $0 == 1 }) else { return [] }
    return [
      "\(reader.dataset.path): has one step for each sequence; if its \(width) features are steps, convert it with"
        + " weft data hdf5 --axes NFT"
    ]
  }

  /// Notes on features whose variation is lost in part, because they lie far from zero and become numbers of single
  /// precision, such as times since 1970. Found in a sample.
  ///
  /// - Parameter readers: Datasets whose features stand side by side.
  private func coarse(
    _ readers: [SequenceReader], _ scale: FeatureScale?, _ split: Split
  ) throws(WeftError) -> [String] {
    var notes: [String] = []
    var first = 0
    for reader in readers {
      let scale = scale?.features(first..<first + reader.width)
      first += reader.width
      guard case .features = reader.content, reader.dataset.datatype.exceedsSinglePrecision else {
        continue
      }
      var sums = FeatureSums()
      if scale == nil {
        for block in split.sample(of: reader) {
          sums.add(try reader.numbers([block]), width: reader.width)
        }
      }
      guard let measured = scale ?? sums.scale(arePrecise: reader.arePrecise) else { continue }
      for feature in 0..<reader.width {
        let mean = measured.offsets[feature]
        // Three digits are a thousandth of the standard deviation.
        let step = scale == nil ? Double(Float(mean).ulp) : mean.ulp
        guard step * 1000 > Double(measured.standardDeviations[feature]), mean != 0 else {
          continue
        }
        notes.append(
          "\(reader.dataset.path): feature \(feature) keeps fewer than three digits in single precision (mean"
            + " \(Float(mean))); "
            + (scale == nil && data.covariates.isEmpty
              ? "set data.standardize, or subtract" : "subtract") + " an offset from it in the file"
        )
      }
    }
    return notes
  }

  private func layoutText(_ split: Split) -> String {
    switch split.layout {
    case .stream(let steps):
      if let horizon = data.horizon {
        return
          "a stream of \(NumberText.counted(steps, "steps")), in windows of \(ContextSteps(data).text) and the \(horizon) after them,"
      }
      return "a stream of \(NumberText.counted(steps, "steps"))"
    case .sequences(let places):
      let lengths = (0..<places.count).map(places.length)
      let (least, most) = (lengths.min() ?? 0, lengths.max() ?? 0)
      return
        "\(NumberText.counted(places.count, "sequences")) of \(least == most ? "" : "\(least) to ")\(NumberText.counted(most, "steps"))"
        + (split.hasPadding
          ? " (padded with \(data.padding.map(NumberText.readable) ?? "missing values"))" : "")
    }
  }

  private func inputText(_ split: Split) -> String {
    switch split.inputs.content {
    case .tokens(let count): return "one of \(count) tokens"
    case .features:
      let width = split.windows.width
      let named = categoryTexts.joined(separator: ", ")
      return "\(NumberText.counted(width, "features"))\(named.isEmpty ? "" : " (\(named))")"
        + (split.inputs.marksMissing ? ", half of which mark missing values" : "")
        + scalingText
    }
  }

  /// Features that stand for names, of which those at several steps are told once.
  private var categoryTexts: [String] {
    let names = Set(categories.map(\.name))
    func base(_ name: String) -> String {
      guard let slash = name.lastIndex(of: "/"), Int(name[name.index(after: slash)...]) != nil else {
        return name
      }
      let base = String(name[..<slash])
      return names.contains(base) ? base : name
    }
    let steps = categories.reduce(into: [String: Int]()) { $0[base($1.name), default: 0] += 1 }
    return categories.filter { base($0.name) == $0.name }.map {
      let count = steps[$0.name] ?? 1
      return
        "'\($0.name)' of \(NumberText.counted($0.count, "categories"))\(count > 1 ? " at \(count) steps" : "")"
    }
  }

  private var scalingText: String {
    if let series = traits.scaling.series {
      return ", standardized by series" + (series.names.isEmpty ? "" : " (with names)")
    }
    return traits.scaling.inputs == nil ? "" : ", standardized"
  }

  private func targetText(_ split: Split) -> String {
    guard let targets = split.targets else {
      if case .stream = split.layout { return "the next step" }
      return requirements.needsTargets ? "the inputs" : "none"
    }
    let place =
      split.targetPlaces != nil
      ? "in sequences of their own" : split.hasTargetPerStep ? "at each step" : "for each sequence"
    switch targets.content {
    case .tokens(let count):
      return "one of \(count) \(targets.tokenRange == .tokens ? "tokens" : "classes") \(place)"
    case .features(let width): return "\(NumberText.counted(width, "numbers")) \(place)"
    }
  }
}

extension Dataset {
  /// Whether missing values may have been lost in compression.
  fileprivate var losesMissing: Bool {
    guard case .float = datatype else { return false }
    return filters.contains { if case .other(_, "scaleoffset", _) = $0 { true } else { false } }
  }
}

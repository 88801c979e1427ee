import WeftBase

/// Notes on values that mean something to the program that wrote them, but are read as any others. Found in a sample; of
/// values that cannot be read, there is no note, but an error later.
extension DatasetFile {
  /// Sequences of equal length, at an end of which many steps are 0, as programs pad shorter ones.
  func paddingNotes(_ split: Split) -> [String] {
    guard case .sequences(.dense(let lengths)) = split.layout, Set(lengths).count == 1, !split.hasPadding,
      let reader = split.inputs.parts.first, let steps = lengths.first, steps > 2
    else { return [] }
    var (before, after): ([Int], [Int]) = ([], [])
    let perSequence = steps.multipliedReportingOverflow(by: max(reader.width, 1))
    guard !perSequence.overflow, perSequence.partialValue <= Self.sampleSize / 4 else { return [] }
    let sample = split.sample(of: reader).prefix(Self.sampleSize / max(perSequence.partialValue, 1))
    for block in sample {
      guard let areZero = try? zeroSteps(reader, block) else { return [] }
      before.append(areZero.prefix { $0 }.count)
      after.append(areZero.reversed().prefix { $0 }.count)
    }
    return [(before, "begin"), (after, "end")].compactMap { runs, verb in
      // Blank margins of pictures are short, and alike.
      let count = runs.count { $0 > 0 }
      guard count > 1, Set(runs).count > 2, runs.max() ?? 0 >= max(steps / 2, 2) else { return nil }
      return
        "\(reader.dataset.path): \(count) of \(sample.count) sequences looked at \(verb) with steps that are 0"
        + "; if that is padding,\(verb == "begin" ? " move it to the end and" : "") set data.padding: 0, or give their lengths"
        + " with data.lengths, as all steps are read"
    }
  }

  /// Most numbers that are looked at.
  private static let sampleSize = 1 << 22
  /// Most steps of a sequence that are looked at for marks.
  private static let stepCount = 256

  /// Whether each step of a sequence is 0 in all features.
  private func zeroSteps(_ reader: SequenceReader, _ block: StepBlockPlace) throws(WeftError) -> [Bool] {
    switch reader.content {
    case .features(let width):
      let values = try reader.numbers([block])
      return stride(from: 0, to: values.count, by: max(width, 1)).map { start in
        values[start..<start + width].allSatisfy { $0 == 0 }
      }
    case .tokens:
      guard vocabularies.inputs == nil, case .tokens(let tokens) = try reader.read([block]) else { return [] }
      return tokens.map { $0 == 0 }
    }
  }

  /// Whole numbers [sequences, steps] that may be tokens, as Keras's datasets have them. Those of 8 bits are pictures.
  func tokenNotes(_ split: Split) -> [String] {
    guard case .sequences(.dense) = split.layout, split.inputs.parts.count == 1,
      let reader = split.inputs.parts.first, case .features(1) = reader.content, reader.packed == nil,
      case .integer = reader.dataset.datatype, (try? reader.dataset.shape.count) == 2,
      (try? reader.dataset.storedElementByteCount) ?? 1 > 1
    else { return [] }
    var greatest = 0.0
    for block in split.sample(of: reader) {
      guard let values = try? reader.numbers([block]), values.allSatisfy({ $0 >= 0 }) else { return [] }
      greatest = values.reduce(greatest, max)
    }
    guard greatest > 1, greatest < Self.mostTokens else { return [] }
    return [
      "\(reader.dataset.path): whole numbers up to \(Int(greatest)) in what was looked at, read as quantities; if they are tokens,"
        + " data.vocabulary_size is the number of all tokens"
    ]
  }

  /// More than the tokens of any vocabulary.
  private static let mostTokens = 524_288.0

  /// A class far above all others, such as 255 for pixels that are not to be counted.
  func outlyingClassNotes(_ split: Split) -> [String] {
    guard traits.classes.isEmpty, let targets = split.targets, targets.tokenRange == .classes,
      case .tokens(let count) = targets.content
    else { return [] }
    var greatest: Int32 = -1
    for block in split.sample(of: targets) {
      guard case .tokens(let classes)? = try? targets.read([block]) else { return [] }
      greatest = classes.filter { $0 < count - 1 }.reduce(greatest, max)
    }
    guard greatest >= 0, count - 1 > 4 * (Int(greatest) + 1), count > 8 else { return [] }
    return [
      "\(targets.dataset.path): its class \(count - 1) is far above all others that were looked at (up to \(greatest)); if it"
        + " marks targets to ignore, write −1 in its place"
    ]
  }

  /// Numbers that mark targets to ignore. Where classes are −1, 0 and 1, as for moods, −1 would be lost without a word.
  func ignoredClassNotes(_ targets: SequenceReader, _ split: Split) throws(WeftError) -> [String] {
    let (own, ofPyTorch, all) = try targets.ignoredClasses(in: split.sample(of: targets))
    if ofPyTorch > 0 { return ["\(targets.dataset.path): −100 marks targets to ignore, as in PyTorch"] }
    guard own > 0, traits.classes.isEmpty else { return [] }
    return [
      "\(targets.dataset.path): −1 marks targets to ignore, \(own) of \(all) that were looked at; if it is a class, number"
        + " the classes from 0"
    ]
  }

  /// Numbers that stand for missing values in many data sets, among them what NetCDF writes where nothing was written.
  private static let marks: [Float] = [
    -99, -200, -999, -999.9, -9999, -9999.9, -99999, -32767, -32768, 32767, 65535, 1e15, 1e20, 1e30, 1e35,
    9.96921e36,
    -.greatestFiniteMagnitude, .greatestFiniteMagnitude,
  ]

  /// Such numbers that lie far from all others of a dataset.
  ///
  /// - Parameter readers: Datasets of numbers.
  func markNotes(_ readers: [SequenceReader], _ split: Split) -> [String] {
    var notes: [String] = []
    for reader in readers {
      guard case .features = reader.content else { continue }
      var counts: [Float: Int] = [:]
      var (least, greatest, all) = (Float.infinity, -Float.infinity, 0)
      for place in split.sample(of: reader) {
        // The steps are the last dimension.
        var block = place
        if let steps = place.count.last { block.count[place.count.count - 1] = min(steps, Self.stepCount) }
        guard let values = try? reader.numbers([block]) else { continue }
        for value in values.map({ Float($0) }) where value.isFinite {
          all += 1
          if let mark = Self.marks.first(where: { abs($0 - value) <= abs($0) * 1e-6 }) {
            counts[mark, default: 0] += 1
          } else {
            (least, greatest) = (min(least, value), max(greatest, value))
          }
        }
      }
      guard least <= greatest else { continue }
      let range = max(greatest - least, .leastNormalMagnitude)
      for (mark, count) in counts.sorted(by: { $0.key < $1.key })
      where max(least - mark, mark - greatest) > 2 * range {
        notes.append(
          "\(reader.dataset.path): \(count) of \(all) numbers looked at are \(NumberText.significant(Double(mark), digits: 6)),"
            + " far from all others (\(NumberText.significant(Double(least), digits: 3)) to"
            + " \(NumberText.significant(Double(greatest), digits: 3))); if it marks missing ones, set the attribute"
            + " _FillValue, or write NaN")
      }
    }
    return notes
  }
}

import HDF5

/// The datasets of one split, found and checked.
struct Split {
  enum Layout {
    case stream(steps: Int)
    case sequences(SequenceBatches.Layout)
  }

  var inputs: InputReader
  /// nil where targets follow from the inputs: of streams, and of what an autoencoder reads.
  var targets: SequenceReader?
  /// What is known in advance, of a stream; nil without any.
  var covariates: InputReader?
  var layout: Layout
  /// Whether targets lie as inputs do, rather than one a sequence.
  let hasTargetPerStep: Bool
  /// Where each sequence's targets lie if they are sequences with lengths of their own.
  var targetLayout: SequenceBatches.Layout?

  /// - Parameters:
  ///   - vocabulary: Tokens of the inputs that the file names; nil if it names none.
  ///   - targetVocabulary: Tokens of the targets that the file names; nil if it names none.
  ///   - classes: Target classes that the file names; nil if it names none.
  init(
    group: Group, file: String, configuration: Configuration, vocabulary: Int?, targetVocabulary: Int?,
    classes: Int?
  ) throws {
    let forecasts = configuration.data.horizon != nil
    hasTargetPerStep = forecasts || configuration.model.output == .everyStep
    let finder = Finder(
      group: group, file: file, configuration: configuration, vocabulary: vocabulary,
      targetVocabulary: targetVocabulary, classes: classes)
    let names = try finder.inputNames()
    let format = try finder.format(first: names[0])
    let readers = try names.map { try finder.reader($0, format: format, isTarget: false) }
    inputs = InputReader(parts: readers)
    let first = readers[0].dataset
    let steps = try finder.extent(first)
    for reader in readers { try finder.checkSteps(reader.dataset, as: first, format) }
    if readers.count > 1, readers.contains(where: { if case .tokens = $0.content { true } else { false } }) {
      throw finder.failure(first, "tokens cannot stand beside other inputs; name one dataset in data.inputs")
    }
    if forecasts, case .tokens = readers[0].content {
      throw finder.failure(first, "holds tokens; only numbers can be forecast (data.horizon)")
    }
    let targetName = try finder.targetName() ?? (forecasts ? names[0] : nil)
    switch format {
    case .stream:
      layout = .stream(steps: steps)
      if targetName == nil, steps < 2 {
        throw finder.failure(first, "one step is too few to predict one from another")
      }
    case .dense:
      layout = .sequences(.dense(lengths: try finder.lengths(first, sequences: steps)))
    case .ragged:
      layout = .sequences(.ragged(offsets: try finder.offsets(steps: steps)))
    case .auto: preconditionFailure("the format was just found")
    }
    if case .stream = layout, configuration.wantsTargetSequences {
      throw finder.failure(
        first, "a stream has no target sequences; it must be cut into sequences, with offsets")
    }
    guard let name = targetName else {
      guard configuration.model.kind != .autoencoder, case .sequences = layout else {
        targets = nil
        return
      }
      throw WeftError.failure(
        "\(file): group \(group.path): no targets; name their dataset with data.targets")
    }
    if case .sequences(let layout) = layout, configuration.wantsTargetSequences {
      (targets, targetLayout) = try finder.targetSequences(name, count: layout.count)
      return
    }
    if forecasts {
      guard format == .stream || format == .ragged else {
        throw finder.failure(
          first,
          "only a stream or ragged sequences can be forecast (data.horizon); 'weft data convert' makes them")
      }
      if configuration.model.output == .everyStep, names != [name] {
        throw finder.failure(
          first,
          "forecasts are fed back (model.output: every-step), so the inputs must be the series that is forecast,"
            + " '\(name)'; name what else is known in data.covariates")
      }
      if !configuration.data.covariates.isEmpty {
        covariates = InputReader(
          parts: try configuration.data.covariates.map {
            let reader = try finder.reader($0, format: .stream, isTarget: false)
            if format == .ragged { try finder.checkSteps(reader.dataset, as: first, format) }
            return reader
          })
      }
    }
    let isPerStep = hasTargetPerStep || format == .stream
    let reader = try finder.reader(name, format: isPerStep ? format : nil, isTarget: true)
    if isPerStep {
      try finder.checkSteps(reader.dataset, as: first, format)
    } else if case .sequences(let layout) = layout, try finder.shape(reader.dataset)[0] != layout.count {
      throw finder.failure(
        reader.dataset, "has \(try finder.shape(reader.dataset)[0]) rows for \(layout.count) sequences")
    }
    targets = reader
  }
}

extension Split {
  /// Steps of each series that may be forecast; nil where they do not lie one after the other.
  var series: [Range<Int>]? {
    switch layout {
    case .stream(let steps): [0..<steps]
    case .sequences(.ragged(let offsets)): zip(offsets, offsets.dropFirst()).map { $0..<$1 }
    case .sequences(.dense): nil
    }
  }

  /// The same, with numbers scaled.
  func scaled(by scaling: Scaling) -> Split {
    var split = self
    if scaling.inputs?.width == inputs.width { split.inputs.scale = scaling.inputs }
    if scaling.targets?.width == targets?.width { split.targets?.scale = scaling.targets }
    return split
  }
}

/// Finds a split's datasets by the names that the configuration gives or the format implies.
private struct Finder {
  let group: Group
  let file: String
  let configuration: Configuration
  let vocabulary: Int?
  let targetVocabulary: Int?
  let classes: Int?

  func failure(_ dataset: Dataset, _ message: String) -> WeftError {
    .failure("\(file): dataset \(dataset.path): \(message)")
  }

  func inputNames() throws -> [String] {
    let data = configuration.data
    if !data.inputs.isEmpty { return data.inputs }
    for name in ["tokens", "inputs"] where try group.contains(name) { return [name] }
    throw WeftError.failure(
      "\(file): group \(group.path): holds neither 'tokens' nor 'inputs'; name the inputs with data.inputs")
  }

  /// Opens a dataset.
  ///
  /// - Parameter key: The key of the configuration that names it.
  func dataset(_ name: String, key: String) throws -> Dataset {
    guard try group.contains(name) else {
      throw WeftError.failure(
        "\(file): group \(group.path): holds no dataset '\(name)'; name another with \(key)")
    }
    return try group.dataset(name)
  }

  func targetName() throws -> String? {
    if configuration.model.kind == .autoencoder { return nil }
    if let name = configuration.data.targets { return name }
    return try group.contains("targets") ? "targets" : nil
  }

  /// What the configuration says, or the first input's rank and type imply.
  func format(first name: String) throws -> DataFormat {
    let data = configuration.data
    if data.format != .auto { return data.format }
    if data.offsets != nil { return .ragged }
    if try group.contains("offsets") { return .ragged }
    let dataset = try dataset(name, key: "data.inputs")
    let rank = try shape(dataset).count
    if data.lengths != nil || rank >= 3 { return .dense }
    return rank == 2 && isIntegral(dataset) ? .dense : .stream
  }

  /// The extent of a dataset. MATLAB has no vectors but matrices of one row or one column, which are vectors here.
  func shape(_ dataset: Dataset) throws -> [Int] {
    let shape = try dataset.shape
    return try isMATLABVector(dataset) ? [shape.reduce(1, *)] : shape
  }

  private func isMATLABVector(_ dataset: Dataset) throws -> Bool {
    let shape = try dataset.shape
    return try shape.count == 2 && shape.contains(1) && isMATLAB(dataset)
  }

  private func isMATLAB(_ dataset: Dataset) throws -> Bool { try dataset.attributes.contains("MATLAB_class") }

  /// - Parameter format: How steps are laid out; nil for one row a sequence.
  func reader(_ name: String, format: DataFormat?, isTarget: Bool) throws -> SequenceReader {
    let dataset = try dataset(name, key: isTarget ? "data.targets" : "data.inputs")
    guard dataset.datatype.isNumeric else { throw failure(dataset, "holds \(dataset.datatype), not numbers") }
    try dataset.checkIsStored()
    let shape = try self.shape(dataset)
    let leading = format == .dense ? 2 : 1
    guard (leading...leading + 1).contains(shape.count) else {
      let what = format.map { "\($0.rawValue) data (data.format)" } ?? "one target a sequence"
      throw failure(
        dataset, "has the shape \(shape); \(what) needs \(leading) or \(leading + 1) dimensions")
    }
    let isScalar = shape.count == leading
    let loss = configuration.loss
    let wantsTokens =
      isTarget
      ? [.crossEntropy, .temporalClassification].contains(loss.kind)
      : isScalar && isIntegral(dataset) && vocabulary != nil
    if wantsTokens {
      // MATLAB's numbers are floating-point unless asked otherwise.
      guard try isScalar && (isIntegral(dataset) || isTarget && isMATLAB(dataset)) else {
        throw failure(
          dataset,
          "holds \(dataset.datatype) \(shape); \(loss.kind.rawValue) needs one integer class each, other targets another"
            + " loss.kind")
      }
      let isWritten = isTarget && configuration.model.kind == .encoderDecoder
      if isWritten, targetVocabulary == nil {
        throw WeftError.failure("\(file): lacks /target_vocabulary, the text of each token that is written")
      }
      guard let bound = isWritten ? targetVocabulary : isTarget ? targetClasses : vocabulary else {
        throw failure(dataset, "the number of classes is not known; set model.output_size")
      }
      var reader = SequenceReader(
        dataset: dataset, file: file, content: .tokens(bound: bound, isTarget: isTarget && !isWritten),
        isScalar: true)
      reader.isVector = try isMATLABVector(dataset)
      if isTarget, loss.kind == .temporalClassification {
        reader.areLabels = true
        reader.blank = loss.blank
      }
      return reader
    }
    if name == "tokens", !isTarget {
      throw failure(
        dataset,
        vocabulary == nil
          ? "the file lacks /vocabulary, the text of each token"
          : "holds \(dataset.datatype) \(shape); a token is one integer")
    }
    let width = isScalar ? 1 : shape[shape.count - 1]
    guard width > 0 else { throw failure(dataset, "has no features") }
    var reader = SequenceReader(
      dataset: dataset, file: file, content: .features(width: width), isScalar: isScalar)
    reader.isVector = try isMATLABVector(dataset)
    if isTarget {
      reader.allowsMissing = configuration.data.allowsMissingTargets
      if loss.kind == .binaryCrossEntropy { reader.range = 0...1 }
    }
    return reader
  }

  /// Classes that targets may have.
  private var targetClasses: Int? {
    let loss = configuration.loss
    guard loss.kind == .temporalClassification else {
      return classes ?? configuration.model.outputSize ?? targetVocabulary
    }
    // A blank that the file does not name is one more output.
    return classes ?? targetVocabulary
      ?? configuration.model.outputSize.map { loss.blank == nil ? $0 - 1 : $0 }
  }

  /// Targets that are sequences with lengths of their own, one for each of `count` sequences.
  func targetSequences(_ name: String, count: Int) throws -> (SequenceReader, SequenceBatches.Layout) {
    let data = configuration.data
    let isFlat = try dataset(name, key: "data.targets").shape.count == 1
    let offsetsName =
      try data.targetOffsets ?? (group.contains("target_offsets") || isFlat ? "target_offsets" : nil)
    let targets = try reader(name, format: offsetsName == nil ? .dense : .ragged, isTarget: true)
    let layout: SequenceBatches.Layout
    if let offsetsName {
      let dataset = try dataset(offsetsName, key: "data.target_offsets")
      layout = .ragged(
        offsets: try offsets(dataset, steps: shape(targets.dataset)[0], of: "targets", allowsEmpty: true))
    } else {
      let own = try data.targetLengths ?? (group.contains("target_lengths") ? "target_lengths" : nil)
      layout = .dense(
        lengths: try lengths(
          targets.dataset, sequences: targets.dataset.shape[0], name: own, key: "data.target_lengths",
          least: 0))
    }
    guard layout.count == count else {
      throw failure(targets.dataset, "has \(layout.count) sequences where the inputs have \(count)")
    }
    return (targets, layout)
  }

  /// The first dimension, which may not be empty.
  func extent(_ dataset: Dataset) throws -> Int {
    let count = try shape(dataset).first ?? 0
    guard count > 0 else { throw failure(dataset, "is empty") }
    return count
  }

  /// Checks that a dataset has as many steps as the first input: rows, and in dense data time steps of each.
  func checkSteps(_ dataset: Dataset, as first: Dataset, _ format: DataFormat) throws {
    let (own, wanted) = (try shape(dataset), try shape(first))
    for (dimension, what) in ["rows", "time steps"].prefix(format == .dense ? 2 : 1).enumerated()
    where own[dimension] != wanted[dimension] {
      throw failure(
        dataset, "has \(own[dimension]) \(what) where \(first.name) has \(wanted[dimension])")
    }
  }

  func lengths(_ inputs: Dataset, sequences: Int) throws -> [Int] {
    let name = try configuration.data.lengths ?? (group.contains("lengths") ? "lengths" : nil)
    return try lengths(inputs, sequences: sequences, name: name, key: "data.lengths", least: 1)
  }

  /// - Parameters:
  ///   - name: The dataset of the lengths; nil where all are the whole dataset's.
  ///   - least: The least length allowed.
  private func lengths(
    _ values: Dataset, sequences: Int, name: String?, key: String, least: Int
  ) throws -> [Int] {
    let time = try values.shape[1]
    guard time > 0 else { throw failure(values, "has sequences of no steps") }
    guard let name else { return [Int](repeating: time, count: sequences) }
    let dataset = try dataset(name, key: key)
    let lengths = try dataset.read(as: Int.self)
    guard lengths.count == sequences else {
      throw failure(dataset, "has \(lengths.count) lengths for \(sequences) sequences")
    }
    if let row = lengths.firstIndex(where: { !(least...time).contains($0) }) {
      throw failure(dataset, "length \(lengths[row]) of row \(row) is not between \(least) and \(time)")
    }
    return lengths
  }

  func offsets(steps: Int) throws -> [Int] {
    let dataset = try dataset(configuration.data.offsets ?? "offsets", key: "data.offsets")
    return try offsets(dataset, steps: steps, of: "inputs", allowsEmpty: false)
  }

  private func offsets(
    _ dataset: Dataset, steps: Int, of values: String, allowsEmpty: Bool
  ) throws -> [Int] {
    let offsets = try dataset.read(as: Int.self)
    guard offsets.count >= 2, offsets.first == 0, offsets.last == steps else {
      throw failure(dataset, "must begin with 0 and end with the \(steps) steps of the \(values)")
    }
    // Compared, not subtracted: the difference may be no number.
    if let row = zip(offsets, offsets.dropFirst()).enumerated().first(where: {
      $1.1 < $1.0 || $1.1 == $1.0 && !allowsEmpty
    })?
    .offset {
      let wanted = allowsEmpty ? "they must ascend" : "each needs a step"
      throw failure(dataset, "sequence \(row) goes from \(offsets[row]) to \(offsets[row + 1]); \(wanted)")
    }
    return offsets
  }

  private func isIntegral(_ dataset: Dataset) -> Bool {
    switch dataset.datatype {
    case .integer: true
    default: false
    }
  }
}

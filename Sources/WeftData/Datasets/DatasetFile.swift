import HDF5
import WeftBase
import WeftText

/// HDF5 files of sequences, as a configuration describes them.
///
/// A split is a group; it holds one of
/// - a *stream*: `tokens` [steps], or `inputs` [steps, features] with `targets` [steps, …];
/// - *dense* sequences: `inputs` [sequences, time(, features)] with `targets` of each step or sequence, and
///   optionally their `lengths`;
/// - *ragged* sequences: `inputs` [all steps(, features)] and `offsets` [sequences + 1], with `targets` likewise.
///
/// Where targets are sequences with lengths of their own, they are ragged, with `target_offsets` [sequences + 1], or
/// dense, with `target_lengths`.
///
/// `/vocabulary` holds the text of each token, `/target_vocabulary` that of each token of the targets if they have others, `/classes` the name of each target class.
package struct DatasetFile: Sendable {
  package let path: String
  /// The texts of tokens.
  package let vocabularies: Vocabularies
  /// The text of each token of the inputs; nil if they are no tokens.
  package var vocabulary: Vocabulary? { vocabularies.inputs }
  /// How the inputs were made from images or sounds, as the file tells.
  package let preparation: String?
  /// What else a model must know of the data beside their shape.
  package private(set) var traits: DataTraits
  /// Number of target classes as the file's `/classes` tell; nil without it.
  private let namedClasses: Int?
  /// In the order in which their sequences follow one another.
  private let files: [File]
  private var file: File { files[0] }
  private let data: DataConfiguration
  private let requirements: DataRequirements
  private let threads: Int

  /// - Parameters:
  ///   - requirements: What the task asks of the data.
  ///   - threads: Threads that decode what is read ahead.
  ///   - scaling: How numbers are scaled; nil to find it from the training split, if it is wanted.
  /// - Throws: If the file is missing, is no HDF5 file, or its vocabulary cannot be read.
  package init(
    _ data: DataConfiguration, requirements: DataRequirements, threads: Int = AvailableProcessors.count,
    scaling: Scaling? = nil
  ) throws(WeftError) {
    self.data = data
    self.requirements = requirements
    self.threads = threads
    let paths = try data.paths()
    path = paths[0]
    do {
      files = try paths.map { path throws(HDF5Error) in try File(opening: path) }
      let file = files[0]
      vocabularies = try Vocabularies(in: file)
      namedClasses = try DatasetFile.namedClasses(in: file)
      traits = try DataTraits(in: file, scaling: scaling ?? Scaling())
      preparation =
        try file.attributes.contains("preparation")
        ? file.attributes.value("preparation", as: String.self) : nil
    } catch let error as HDF5Error {
      throw WeftError(error)
    } catch {
      throw .failure("\(path): \(error)")
    }
    for other in files.dropFirst() { try checkNames(of: other) }
    if data.standardizes, scaling == nil, contains(split: data.split.train) {
      traits.scaling = try openSplit(data.split.train).measureScaling(season: data.season)
    }
  }

  /// Checks that a further file has the tokens and classes of the first.
  private func checkNames(of other: File) throws(WeftError) {
    do {
      let isSame =
        try Vocabularies(in: other) == vocabularies && DatasetFile.namedClasses(in: other) == namedClasses
      if isSame { return }
    } catch {
      throw .failure("\(other.path): \(error)")
    }
    throw .failure("\(other.path): its vocabulary or classes are not those of \(path)")
  }

  private static func namedClasses(in file: File) throws -> Int? {
    guard try file.contains("classes") else { return nil }
    let count = try file.dataset("classes").shape.first
    if count == 0 { throw WeftError.failure("dataset /classes: is empty") }
    return count
  }

  /// What a model of the training split reads, and what its outputs are compared with.
  ///
  /// - Throws: If the split cannot be read, or does not hold what the task asks for.
  package func shape() throws(WeftError) -> DataShape { try shape(of: openSplit(data.split.train)) }

  private func shape(of split: Split) throws(WeftError) -> DataShape {
    let inputs: StepKind =
      switch split.inputs.content {
      case .tokens(let bound): .tokens(bound)
      case .features: .features(split.windows.width)
      }
    let targets = split.targets?.content ?? split.inputs.content
    let dataset = split.targets?.dataset ?? split.inputs.parts[0].dataset
    func failure(_ message: String) -> WeftError {
      .failure("\(path): dataset \(dataset.path): \(message)")
    }
    switch targets {
    case .tokens(let bound):
      guard requirements.wantsTokens else {
        throw failure("holds tokens, which need loss.kind cross-entropy")
      }
      if case .labels(_, let blank?) = requirements.targets, blank >= bound {
        throw failure(
          "has \(bound) classes, and loss.blank \(blank) is none of them; leave it out for one more class")
      }
    case .features:
      guard !requirements.wantsTokens else {
        throw failure("holds numbers, which need another loss.kind than \(requirements.lossName)")
      }
    }
    guard case .features(let width) = targets, let horizon = data.horizon, !requirements.hasOutputPerStep
    else {
      return DataShape(inputs: inputs, targets: targets)
    }
    // All that is forecast at once is one target.
    return DataShape(inputs: inputs, targets: .features(horizon * width))
  }

  /// Whether the file has a split.
  package func contains(split: String) -> Bool { files.contains { holds($0, split: split) } }

  /// Whether a file has a split: its group or, where all inputs are named by paths from the root, those of the split.
  private func holds(_ file: File, split name: String) -> Bool {
    guard data.isMappedFromRoot else { return (try? file.contains(name)) == true }
    // Paths that do not tell the split are of data to train on.
    guard data.inputs.contains(where: { $0.contains(DataConfiguration.splitPlaceholder) }) else {
      return name == data.split.train
    }
    return data.forSplit(name).inputs.allSatisfy { (try? file.contains($0)) == true }
  }

  /// The minibatches of a split.
  ///
  /// - Parameters:
  ///   - shuffles: Whether the order changes from epoch to epoch where the configuration wants that.
  ///   - share: The rows of each minibatch to read.
  /// - Throws: If a dataset is missing, empty, or of the wrong rank or type; the message names it.
  package func batches(
    split name: String, shuffles: Bool, share: RowShare = .all
  ) throws(WeftError) -> any BatchSource {
    let split = try openSplit(name)
    try checkShape(of: split, name)
    let batches = try batches(of: split, name, shuffles: shuffles, share: share)
    switch requirements.targets {
    case .classes, .labels, .values: return batches
    case .writtenTokens:
      return vocabularies.ofTargets.map { UnmarkedBatches(batches, vocabulary: $0) } ?? batches
    case .reversedInputs: return ReversedBatches(batches)
    }
  }

  private func batches(
    of split: Split, _ name: String, shuffles: Bool, share: RowShare
  ) throws(WeftError) -> any BatchSource {
    let seed = shuffles && data.shuffle ? requirements.seed : nil
    if let horizon = data.horizon, let context = data.context {
      return try windows(split, name, context: context, horizon: horizon, shuffles: shuffles, share: share)
    }
    switch split.layout {
    case .stream(let steps):
      return StreamBatches(
        inputs: split.inputs, targets: split.targets, hasTargetPerStep: requirements.hasOutputPerStep,
        steps: split.targets == nil ? steps - 1 : steps, batch: requirements.batch,
        window: data.window ?? steps, stride: shuffles ? data.stride : nil,
        carriesState: requirements.carriesState, share: share,
        resetEvery: shuffles ? requirements.resetEvery : 0, shuffleSeed: seed)
    case .sequences(let places):
      return SequenceBatches(
        inputs: split.inputs, targets: split.targets, hasTargetPerStep: requirements.hasOutputPerStep,
        places: places, targetPlaces: split.targetPlaces, batch: requirements.batch, share: share,
        shuffleSeed: seed, bucketMinibatches: data.bucketMinibatches)
    }
  }

  /// Windows at every step of each series of the training split, and end to end of others.
  private func windows(
    _ split: Split, _ name: String, context: Int, horizon: Int, shuffles: Bool, share: RowShare
  ) throws(WeftError) -> WindowBatches {
    guard let targets = split.targets, let series = split.series else {
      preconditionFailure("forecasts have targets that lie one after the other")
    }
    let longest = series.map(\.count).max() ?? 0
    guard longest >= context + horizon else {
      let what = series.count == 1 ? "has \(longest) steps" : "its longest series has \(longest) steps"
      throw .failure(
        "\(path): group /\(name): \(what), fewer than data.context \(context) and data.horizon \(horizon)"
          + " together")
    }
    return WindowBatches(
      windows: split.windows, targets: targets, series: series, context: context, horizon: horizon,
      isDirect: !requirements.hasOutputPerStep, season: data.season, spacing: shuffles ? 1 : horizon,
      batch: requirements.batch, share: share,
      shuffleSeed: shuffles && data.shuffle ? requirements.seed : nil)
  }

  /// Checks that a split fits a model of the training split, where the file has one.
  private func checkShape(of split: Split, _ name: String) throws(WeftError) {
    let train = data.split.train
    guard name != train, contains(split: train) else { return }
    let (own, trained) = (try shape(of: split), try shape())
    guard own == trained else {
      throw .failure("\(path): group /\(name): has \(own) where /\(train) has \(trained)")
    }
  }

  /// Which steps of a split are anomalies, by its dataset `labels`; nil without it.
  package func labels(split: String) throws(WeftError) -> [Bool]? {
    do {
      var labels: [Bool] = []
      for file in files where holds(file, split: split) {
        let group = try file.contains(split) ? file.group(split) : file.root
        guard try group.contains("labels") else { return nil }
        labels += try group.dataset("labels").read(as: Int32.self).map { $0 != 0 }
      }
      return labels
    } catch {
      throw WeftError(error)
    }
  }

  /// The texts of a split's sequences in the file's order, as its dataset `texts` has them: with what is in no
  /// vocabulary; nil without it.
  package func texts(split: String) throws(WeftError) -> [String]? {
    do {
      var texts: [String] = []
      for file in files where holds(file, split: split) {
        let group = try file.contains(split) ? file.group(split) : file.root
        guard try group.contains("texts") else { return nil }
        texts += try group.dataset("texts").read(as: String.self)
      }
      return texts
    } catch {
      throw WeftError(error)
    }
  }

  /// The steps and the target tokens of each sequence of a split, in the file's order; none where its targets are not
  /// sequences of tokens.
  ///
  /// - Throws: If they cannot be read.
  package func forEachTargetSequence(
    split: String, _ body: (_ steps: Int, _ tokens: [Int32]) -> Void
  ) throws(WeftError) {
    let split = try openSplit(split)
    guard let targets = split.targets, let targetPlaces = split.targetPlaces,
      case .sequences(let places) = split.layout
    else { return }
    for sequence in 0..<places.count {
      var tokens: [Int32]? = []
      if targetPlaces.length(sequence) > 0 {
        tokens = try targets.read([targetPlaces.block(sequence)]).tokens
      }
      if let tokens { body(places.length(sequence), tokens) }
    }
  }

  /// Finds a split's datasets.
  ///
  /// - Throws: If a dataset is missing, empty, or of the wrong rank or type; the message names it.
  package func openSplit(_ name: String) throws(WeftError) -> Split {
    let holders = files.filter { holds($0, split: name) }
    guard !holders.isEmpty else {
      throw WeftError.failure(
        "\(path): there is no group /\(name) to train on; name one with data.split.train")
    }
    let named = data.forSplit(name)
    do {
      let splits = try holders.map { file in
        try Split(
          group: file.contains(name) ? file.group(name) : file.root, file: file.path, named, requirements,
          vocabulary: vocabulary?.count, targetVocabulary: vocabularies.ofTargets?.count,
          classes: namedClasses
        ).scaled(by: traits.scaling)
      }
      return try Split.joined(
        splits, files: holders.map(\.path),
        in: ChunkStore(budget: data.memoryBudget.bytes, threads: threads))
    } catch {
      throw WeftError(error, in: path)
    }
  }
}

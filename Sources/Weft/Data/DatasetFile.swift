import HDF5
import KernelInterface

/// An HDF5 file of sequences, as a configuration describes it.
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
  private let configuration: Configuration
  private let threads: Int

  /// - Parameters:
  ///   - threads: Threads that decode what is read ahead.
  ///   - scaling: How numbers are scaled; nil to find it from the training split, if it is wanted.
  /// - Throws: If the file is missing, is no HDF5 file, or its vocabulary cannot be read.
  package init(
    _ configuration: Configuration, threads: Int = AvailableProcessors.count, scaling: Scaling? = nil
  ) throws(WeftError) {
    self.configuration = configuration
    self.threads = threads
    let paths = try configuration.data.paths()
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
    let train = configuration.data.split.train
    if configuration.data.standardizes, scaling == nil, contains(split: train) {
      traits.scaling = try openSplit(train).measureScaling(season: configuration.data.season)
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

  /// What the model reads and gives, found from the training split.
  package func modelShape() throws(WeftError) -> ModelShape {
    try shape(of: openSplit(configuration.data.split.train))
  }

  private func shape(of split: Split) throws(WeftError) -> ModelShape {
    let input: ModelInput =
      switch split.inputs.content {
      case .tokens(let bound, _): .tokens(vocabulary: bound)
      case .features(let width): .features(width + (split.covariates?.width ?? 0))
      }
    let content = split.targets?.content ?? split.inputs.content
    let dataset = split.targets?.dataset ?? split.inputs.parts[0].dataset
    let outputs: Int
    switch (content, configuration.loss.kind) {
    case (.tokens(let bound, _), .crossEntropy): outputs = bound
    case (.tokens(let bound, _), .temporalClassification):
      if let blank = configuration.loss.blank, blank >= bound {
        throw .failure(
          "\(path): dataset \(dataset.path): has \(bound) classes, and loss.blank \(blank) is none of them; leave it out"
            + " for one more class")
      }
      outputs = configuration.loss.blank == nil ? bound + 1 : bound
    case (.tokens, _):
      throw .failure(
        "\(path): dataset \(dataset.path): holds tokens, which need loss.kind cross-entropy")
    case (.features, .crossEntropy), (.features, .temporalClassification):
      throw .failure(
        "\(path): dataset \(dataset.path): holds numbers, which need another loss.kind than"
          + " \(configuration.loss.kind.rawValue)")
    case (.features(let width), _):
      let steps = configuration.model.output == .everyStep ? 1 : configuration.data.horizon ?? 1
      outputs = steps * width * Loss(configuration.loss).outputsPerTarget
    }
    return ModelShape(input: input, outputs: outputs)
  }

  /// Whether the file has a split.
  package func contains(split: String) -> Bool { files.contains { holds($0, split: split) } }

  /// Whether a file has a split: its group or, where all inputs are named by paths from the root, those of the split.
  private func holds(_ file: File, split name: String) -> Bool {
    let data = configuration.data
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
    switch configuration.model.kind {
    case .sequence: return batches
    case .encoderDecoder:
      return vocabularies.ofTargets.map { UnmarkedBatches(batches, vocabulary: $0) } ?? batches
    case .autoencoder: return ReversedBatches(batches)
    }
  }

  private func batches(
    of split: Split, _ name: String, shuffles: Bool, share: RowShare
  ) throws(WeftError) -> any BatchSource {
    let training = configuration.training
    let hasTargetPerStep = configuration.model.output == .everyStep
    let seed = shuffles && configuration.data.shuffle ? training.seed : nil
    if let horizon = configuration.data.horizon, let context = configuration.data.context {
      return try windows(split, name, context: context, horizon: horizon, shuffles: shuffles, share: share)
    }
    switch split.layout {
    case .stream(let steps):
      return StreamBatches(
        inputs: split.inputs, targets: split.targets, hasTargetPerStep: hasTargetPerStep,
        steps: split.targets == nil ? steps - 1 : steps, batch: training.batch,
        window: configuration.data.window ?? steps, stride: shuffles ? configuration.data.stride : nil,
        carriesState: training.carryState, share: share,
        resetEvery: shuffles ? training.resetStateEvery : 0, shuffleSeed: seed)
    case .sequences(let layout):
      return SequenceBatches(
        inputs: split.inputs, targets: split.targets, hasTargetPerStep: hasTargetPerStep, layout: layout,
        targetLayout: split.targetLayout, batch: training.batch, share: share, shuffleSeed: seed,
        bucketMinibatches: configuration.data.bucketMinibatches)
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
      inputs: split.inputs, targets: targets, covariates: split.covariates, series: series, context: context,
      horizon: horizon, isDirect: configuration.model.output != .everyStep, season: configuration.data.season,
      spacing: shuffles ? 1 : horizon,
      batch: configuration.training.batch, share: share,
      shuffleSeed: shuffles && configuration.data.shuffle ? configuration.training.seed : nil)
  }

  /// What is to be told of label sequences that have more labels than their steps can be aligned to; nil without any.
  ///
  /// - Throws: If the labels cannot be read.
  package func alignmentNote(split name: String) throws(WeftError) -> String? {
    let split = try openSplit(name)
    guard let targets = split.targets, let targetLayout = split.targetLayout,
      case .sequences(let layout) = split.layout
    else { return nil }
    var count = 0
    for sequence in 0..<layout.count where targetLayout.length(sequence) > 0 {
      let block = targetLayout.block(sequence)
      guard case .tokens(let labels) = try targets.read(offset: block.offset, count: block.count) else {
        return nil
      }
      if LabelledSequences.minimumSteps(labels[...]) > layout.length(sequence) { count += 1 }
    }
    guard count > 0 else { return nil }
    guard count < layout.count else {
      throw .failure(
        "\(path): group /\(name): each sequence has fewer steps than its labels need, so there is nothing to learn;"
          + " give it more steps, such as a smaller --hop of 'weft data audio'")
    }
    return
      "\(path): group /\(name): \(count) of \(layout.count) sequences have fewer steps than their labels need;"
      + " they do not count"
  }

  /// Checks that a split fits a model of the training split, where the file has one.
  private func checkShape(of split: Split, _ name: String) throws(WeftError) {
    let train = configuration.data.split.train
    guard name != train, contains(split: train) else { return }
    let (own, trained) = (try shape(of: split), try modelShape())
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

  /// The texts of a minibatch's rows, unshuffled, as the split's dataset `texts` has them: with what is in no vocabulary;
  /// nil without it.
  package func texts(split: String, batch index: Int) throws(WeftError) -> [String]? {
    let opened = try openSplit(split)
    guard let batches = try batches(of: opened, split, shuffles: false, share: .all) as? SequenceBatches
    else {
      return nil
    }
    do {
      var texts: [String] = []
      for file in files where holds(file, split: split) {
        let group = try file.contains(split) ? file.group(split) : file.root
        guard try group.contains("texts") else { return nil }
        texts += try group.dataset("texts").read(as: String.self)
      }
      let rows = batches.sequencesOfRows(epoch: 0, index: index)
      return rows.allSatisfy(texts.indices.contains) ? rows.map { texts[$0] } : nil
    } catch {
      throw WeftError(error)
    }
  }

  func openSplit(_ name: String) throws(WeftError) -> Split {
    let holders = files.filter { holds($0, split: name) }
    guard !holders.isEmpty else {
      throw WeftError.failure(
        "\(path): there is no group /\(name) to train on; name one with data.split.train")
    }
    var configuration = configuration
    configuration.data = configuration.data.forSplit(name)
    do {
      let splits = try holders.map { file in
        try Split(
          group: file.contains(name) ? file.group(name) : file.root, file: file.path,
          configuration: configuration,
          vocabulary: vocabulary?.count, targetVocabulary: vocabularies.ofTargets?.count,
          classes: namedClasses
        ).scaled(by: traits.scaling)
      }
      return try Split.joined(
        splits, files: holders.map(\.path),
        in: ChunkStore(budget: configuration.data.memoryBudget.bytes, threads: threads))
    } catch {
      throw WeftError(error, in: path)
    }
  }
}

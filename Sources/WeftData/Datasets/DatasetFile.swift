import HDF5
import WeftBase
import WeftText

/// The dataset of a configuration: one or several HDF5 files.
///
/// A split is a group; it contains one of
/// - a *stream*: `tokens` [steps], or `inputs` [steps, features] with `targets` [steps, …];
/// - *dense* sequences: `inputs` [sequences, time(, features)] with `targets` per step or sequence, and
///   optionally their `lengths`;
/// - *ragged* sequences: `inputs` [all steps(, features)] and `offsets` [sequences + 1], with `targets` likewise.
///
/// Target sequences of independent length are ragged, with `target_offsets` [sequences + 1], or dense, with
/// `target_lengths`.
///
/// `/vocabulary` contains the text of each token, `/target_vocabulary` that of each target token if they differ, and
/// `/classes` the name of each target class.
package struct DatasetFile: Sendable {
  package let path: String
  /// Paths of all files, in the order of their sequences.
  package var paths: [String] { files.map(\.path) }
  /// The vocabularies of inputs and targets.
  package let vocabularies: Vocabularies
  /// The vocabulary of the inputs; nil if they are numeric.
  package var vocabulary: Vocabulary? { vocabularies.inputs }
  /// The file's record of how the inputs were computed from images or audio (attribute `preparation`).
  package let preparation: String?
  /// Class names and scaling.
  package internal(set) var traits: DataTraits
  /// Number of target classes in `/classes`, or of a model's; nil without them.
  private let namedClasses: Int?
  /// The model's number of each class of the files; nil if they have the model's order.
  private let classNumbers: [Int32]?
  /// The least class in the data, if it is above 0.
  let firstClass: Int?
  /// The features of the inputs that are numbers of categories, with those of a trained model.
  private(set) var categories: [CategoricalFeature] = []
  /// The files, in the order of their sequences.
  let files: [File]
  private var file: File { files[0] }
  let data: DataConfiguration
  let requirements: DataRequirements
  private let threads: Int
  /// Splits that were opened: looking at many files takes time.
  private let opened = Locked<[String: [(file: Int, split: Split)]]>([:])
  /// The scales of the series of splits that were opened, if each has its own.
  let seriesTables = Locked<[String: (inputs: ScaleTable?, targets: ScaleTable?)]>([:])

  /// - Parameters:
  ///   - requirements: Requirements of the task.
  ///   - threads: Threads for decoding prefetched blocks.
  ///   - scaling: Scaling of values; nil to compute it from the training split, if the configuration standardizes.
  ///   - classes: Names of the classes of a trained model, in its order; the numbers of a file with other orders are
  ///     translated. Nil for the file's own.
  ///   - categories: The categorical features of a trained model, likewise. Nil for those of the file.
  ///   - onProgress: Called as all data are read, to scale them.
  /// - Throws: If the file is missing, is not an HDF5 file, its vocabulary cannot be read, or it has classes that the
  ///   model does not know.
  package init(
    _ data: DataConfiguration, requirements: DataRequirements, threads: Int = AvailableProcessors.count,
    scaling: Scaling? = nil, classes: [String]? = nil, categories: [CategoricalFeature]? = nil,
    onProgress: @escaping (DataProgress) -> Void = { _ in }
  ) throws(WeftError) {
    self.data = data
    self.requirements = requirements
    self.threads = threads
    let paths = try data.paths()
    path = paths[0]
    FileProbe.prepare(paths)
    do {
      files = try paths.map { path throws(HDF5Error) in try File(opening: path) }
      let file = files[0]
      vocabularies = try Vocabularies(in: file)
      traits = try DataTraits(in: file, scaling: scaling ?? Scaling())
      let own = try DatasetFile.namedClasses(in: file)
      var found = FoundClasses()
      if requirements.wantsClasses {
        var known: Int?
        var tokens: Int?
        switch requirements.targets {
        case .classes(let count?), .labels(let count?, _): known = own ?? count
        case .classes(nil):
          known = own ?? vocabularies.targets?.count
          tokens = vocabularies.inputs?.count
        default: known = own ?? vocabularies.ofTargets?.count
        }
        found = try FoundClasses(files, data, requirements, count: known, vocabulary: tokens) { file, split in
          guard DatasetFile.holds(file, split: split, data) else { return nil }
          return try file.contains(split) ? file.group(split) : file.root
        }
      }
      firstClass = found.first
      if traits.classes.isEmpty, own == nil { traits.classes = found.names }
      classNumbers = try ClassNames(traits.classes).numbers(among: classes ?? [])
      let model = classes.flatMap { $0.isEmpty ? nil : $0.count }
      namedClasses =
        classNumbers == nil ? own ?? model ?? (found.count > 0 ? found.count : nil) : model
      preparation = try DatasetFile.preparation(in: file)
    } catch let error as HDF5Error {
      throw WeftError(error)
    } catch let error as WeftError {
      throw paths.contains { error.message.hasPrefix("\($0): ") } ? error : .data("\(path): \(error)")
    } catch {
      throw .data("\(path): \(error)")
    }
    for other in files.dropFirst() { try checkNames(of: other) }
    if let categories {
      self.categories = categories
    } else if data.mayHaveCategories, contains(split: data.split.train) {
      self.categories = try openSplit(data.split.train).measureCategories()
    }
    traits.features = try namedFeatures()
    traits.targetNames = try namedTargets()
    if data.scalingKind != .none || data.missingInputs.needsMeans, scaling == nil,
      contains(split: data.split.train)
    {
      traits.scaling = try measureScaling(onProgress)
    }
  }

  private static func preparation(in file: File) throws -> String? {
    try file.attributes.contains("preparation")
      ? file.attributes.value("preparation", as: String.self) : nil
  }

  /// Checks that another file has the vocabularies, classes and preparation of the first.
  private func checkNames(of other: File) throws(WeftError) {
    let splits = data.split.groups
    guard splits.contains(where: { holds(other, split: $0) }) else {
      throw .data(
        "\(other.path): has none of the splits \(splits.joined(separator: ", ")); remove it from data.files, or name"
          + " its group in data.split")
    }
    do {
      guard try Vocabularies(in: other) == vocabularies else {
        throw WeftError.data("its vocabulary differs from that of \(path)")
      }
      if let own = try DatasetFile.preparation(in: other), let preparation, own != preparation {
        throw WeftError.data(
          "its inputs were computed differently from those of \(path) (attribute 'preparation')")
      }
      guard try DatasetFile.namedClasses(in: other) == DatasetFile.namedClasses(in: file) else {
        throw WeftError.data("dataset /classes: has another number of classes than \(path)")
      }
      let names = try DataTraits(in: other).classes
      if let place = zip(names, traits.classes).enumerated().first(where: { $1.0 != $1.1 })?.offset {
        throw WeftError.data(
          "dataset /classes: class \(place) is '\(names[place])', but '\(traits.classes[place])' in \(path); files"
            + " that are read together need the same order of classes")
      }
    } catch {
      throw .data("\(other.path): \(error)")
    }
  }

  private static func namedClasses(in file: File) throws -> Int? {
    guard try file.contains("classes") else { return nil }
    let count = try file.dataset("classes").shape.first
    if count == 0 { throw WeftError.data("dataset /classes: is empty") }
    return count
  }

  /// Sizes of inputs and targets of the training split.
  ///
  /// - Throws: If the split cannot be read, or does not meet the task's requirements.
  package func shape() throws(WeftError) -> DataShape { try shape(of: openSplit(data.split.train)) }

  private func shape(of split: Split) throws(WeftError) -> DataShape {
    let inputs: StepKind =
      switch split.inputs.content {
      case .tokens(let bound): .tokens(bound)
      case .features: .features(split.windows.width)
      }
    // Where no target is needed, the inputs decide.
    if split.targets == nil, !requirements.needsTargets {
      return DataShape(inputs: inputs, targets: inputs, categories: categories)
    }
    let targets = split.targets?.content ?? split.inputs.content
    let dataset = split.targets?.dataset ?? split.inputs.parts[0].dataset
    func failure(_ message: String) -> WeftError {
      .data("\(path): dataset \(dataset.path): \(message)")
    }
    switch targets {
    case .tokens(let bound):
      guard requirements.wantsTokens else {
        throw failure("contains tokens, which need loss.kind cross-entropy")
      }
      if case .labels(_, let blank?) = requirements.targets, blank >= bound {
        throw failure(
          "loss.blank \(blank) is not one of its \(bound) classes; remove it to add a class for the blank")
      }
    case .features:
      guard !requirements.wantsTokens else {
        throw failure(
          "contains numbers, which need a regression loss, not loss.kind \(requirements.lossName)")
      }
    }
    guard case .features(let width) = targets, let horizon = data.horizon, !requirements.hasOutputPerStep
    else {
      return DataShape(inputs: inputs, targets: targets, categories: categories)
    }
    // All steps of a direct forecast are one target.
    return DataShape(inputs: inputs, targets: .features(horizon * width), categories: categories)
  }

  /// Whether the file has a split.
  package func contains(split: String) -> Bool { files.contains { holds($0, split: split) } }

  /// The only group of the file, whose data can be meant without a name; nil if there are several or none.
  package var onlyGroup: String? {
    let groups = (try? files[0].root.children.filter(\.isGroup).map(\.name)) ?? []
    return groups.count == 1 ? groups[0] : nil
  }

  func holds(_ file: File, split name: String) -> Bool {
    Self.holds(file, split: name, data)
  }

  /// Whether a file has a split: its group or, if all inputs are named by paths from the root, those datasets.
  private static func holds(_ file: File, split name: String, _ data: DataConfiguration) -> Bool {
    guard data.isMappedFromRoot else { return (try? file.contains(name)) == true }
    // Paths without a placeholder for the split name training data.
    guard data.inputs.contains(where: { $0.contains(DataConfiguration.splitPlaceholder) }) else {
      return name == data.split.train
    }
    return data.forSplit(name).inputs.allSatisfy { (try? file.contains($0)) == true }
  }

  /// The minibatches of a split.
  ///
  /// - Parameters:
  ///   - shuffles: Whether to use a new order each epoch, if the configuration shuffles.
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
    case .targetTokens:
      return vocabularies.ofTargets.map { UnmarkedBatches(batches, vocabulary: $0) } ?? batches
    case .reversedInputs: return ReversedBatches(batches)
    }
  }

  private func batches(
    of split: Split, _ name: String, shuffles: Bool, share: RowShare
  ) throws(WeftError) -> any BatchSource {
    let seed = shuffles && data.shuffle ? requirements.seed : nil
    if let horizon = data.horizon {
      return try windows(
        split, name, horizon: horizon,
        spacing: shuffles ? 1 : data.evaluationStride ?? horizon, seed: seed,
        share: share)
    }
    let sampler = shuffles ? try sampler(split, name) : nil
    switch split.layout {
    case .stream(let steps):
      return StreamBatches(
        inputs: split.inputs, targets: split.targets, weights: split.weights,
        hasTargetPerStep: requirements.hasOutputPerStep, steps: split.targets == nil ? steps - 1 : steps,
        batch: requirements.batch,
        window: data.window ?? steps, stride: shuffles ? data.stride : nil,
        carriesState: requirements.carriesState, share: share,
        resetEvery: shuffles ? requirements.resetEvery : nil, shuffleSeed: seed)
    case .sequences(let places):
      return SequenceBatches(
        inputs: split.inputs, targets: split.targets, weights: split.weights,
        hasTargetPerStep: requirements.hasOutputPerStep, places: places, targetPlaces: split.targetPlaces,
        batch: requirements.batch, share: share, shuffleSeed: seed,
        bucketMinibatches: data.bucketMinibatches, sampler: sampler)
    }
  }

  /// Windows of each series.
  ///
  /// - Parameters:
  ///   - spacing: Steps between the ends of consecutive contexts.
  ///   - seed: Seed of their order; nil for chronological order.
  func windows(
    _ split: Split, _ name: String, horizon: Int, spacing: Int, seed: UInt64?, share: RowShare
  ) throws(WeftError) -> WindowBatches {
    guard let targets = split.targets, let series = split.series else {
      preconditionFailure("forecasts need contiguous targets")
    }
    let longest = series.map(\.count).max() ?? 0
    let contexts = ContextSteps(data)
    guard longest >= contexts.least + horizon else {
      let what = series.count == 1 ? "has \(longest) steps" : "its longest series has \(longest) steps"
      let more =
        series.count == 1 && name != data.split.train
        ? ", or begin the group with the steps before it (weft data table --lead-in)" : ""
      throw .data(
        "\(path): group /\(name): \(what), fewer than data.\(contexts.vary ? "least_context" : "context")"
          + " \(contexts.least) plus data.horizon \(horizon); lower them\(more)")
    }
    return WindowBatches(
      windows: split.windows, targets: targets, series: series, contexts: contexts, horizon: horizon,
      isDirect: !requirements.hasOutputPerStep, season: data.season,
      relative: split.relativeWindows(season: data.season), spacing: spacing, batch: requirements.batch,
      share: share, shuffleSeed: seed)
  }

  /// Checks that a split matches the training split, if the file has one.
  private func checkShape(of split: Split, _ name: String) throws(WeftError) {
    let train = data.split.train
    guard name != train, contains(split: train) else { return }
    let (own, trained) = (try shape(of: split), try shape())
    let areComparable = requirements.needsTargets || split.targets != nil
    guard own == trained || !areComparable && own.inputs == trained.inputs else {
      throw .data("\(path): group /\(name): has \(own), but /\(train) has \(trained)")
    }
  }

  /// Finds a split's datasets.
  ///
  /// - Throws: If a dataset is missing, empty, or of the wrong rank or type; the message names it.
  package func openSplit(_ name: String) throws(WeftError) -> Split {
    let parts = try splits(name)
    do {
      let split = try Split.joined(
        parts.map { $0.split.fitted(to: categories).scaled(by: traits.scaling, data) },
        files: parts.map { files[$0.file].path },
        in: ChunkStore(budget: data.memoryBudget.bytes, threads: threads))
      return try scaledBySeries(split, name)
    } catch {
      throw WeftError(error, in: path)
    }
  }

  /// A split's datasets in each file that has it, with the index of the file.
  func splits(_ name: String) throws(WeftError) -> [(file: Int, split: Split)] {
    if let known = opened.withLock({ $0[name] }) { return known }
    let found = try openParts(of: name)
    opened.withLock { $0[name] = found }
    return found
  }

  private func openParts(of name: String) throws(WeftError) -> [(file: Int, split: Split)] {
    let holders = files.indices.filter { holds(files[$0], split: name) }
    guard !holders.isEmpty else {
      throw WeftError.data(
        "\(path): no training group /\(name); set data.split.train")
    }
    let named = data.forSplit(name)
    do {
      return try holders.map { index in
        let file = files[index]
        var split = try Split(
          group: file.contains(name) ? file.group(name) : file.root, file: file.path, named, requirements,
          vocabulary: vocabulary?.count ?? data.vocabularySize,
          targetVocabulary: vocabularies.ofTargets?.count, classes: namedClasses,
          classNames: traits.classes, isTraining: name == data.split.train)
        if split.targets?.tokenRange != .tokens { split.targets?.classNumbers = classNumbers }
        return (index, split)
      }
    } catch {
      throw WeftError(error, in: path)
    }
  }
}

import HDF5
import WeftBase
import WeftData
import WeftTasks
import WeftText

/// What a dataset is, as far as a configuration depends on it. Training understands the file in the same way, and
/// `weft data describe` prints it.
public struct DatasetFacts: Sendable {
  /// Layout of the sequences.
  enum Layout: Sendable { case stream, ragged, dense }

  /// A step of the inputs.
  enum Inputs: Sendable, Equatable {
    case tokens(count: Int, unit: Vocabulary.Unit?)
    case features(Int)
  }

  /// What is to be predicted.
  enum Targets: Sendable, Equatable {
    /// Only what follows from the inputs.
    case none
    case classes(Int)
    /// Independent labels of 0 and 1.
    case labels(Int)
    /// Numbers.
    case values(Int)
    /// Sequences of tokens of their own length; whether they are marked by tokens for start and end, as decoders
    /// need them; the mean length.
    case texts(count: Int, areMarked: Bool, length: Int)
  }

  /// The file.
  public let file: String
  /// How training understands the training split, in one line.
  public let understanding: String
  let layout: Layout
  /// Number of sequences of the training split; 1 for a stream.
  let sequences: Int
  /// Number of steps of the training split.
  let steps: Int
  /// The median and the greatest length of its sequences.
  let (median, longest): (Int, Int)
  let inputs: Inputs
  let targets: Targets
  /// Whether there is a target for each step, rather than each sequence.
  let hasTargetPerStep: Bool
  /// Number of sequences and steps of the validation split; nil without one.
  let validation: (sequences: Int, steps: Int)?
  /// The shortest of the longest series of all splits, which bounds a window.
  let window: Int
  /// Number of steps of each of several series, of all splits; empty if there is one.
  let lengths: [Int]
  let sample: DatasetSample
  /// The arrays that the splits are, by their names; nil for groups.
  let arrays: SplitArrays?
  /// The distance of steps, and how many are to be forecast, as an archive tells them; nil if it does not.
  let secondsPerStep: Double?
  let horizon: Int?
  /// Input columns whose values are numbers of names.
  let categories: [String]
  /// Whether features without names are so many, and steps so few, that the one may be the other, as in recordings with
  /// channels first.
  let mayBeExchanged: Bool
  /// The columns of the targets, which are the inputs if there are none; empty if the file does not name them.
  let targetNames: [String]
  /// Whether the targets are columns of the inputs, at the same steps: what follows is to be forecast from all inputs.
  let forecastsInputs: Bool
  /// Whether the targets are what an input is at the next step, so that later steps tell them.
  let areNextInputs: Bool

  var isStream: Bool { layout == .stream }

  /// Whether a prediction may be made of later steps: those of measurements are not known yet when it is needed at each step,
  /// as those of a text are.
  var readsLaterSteps: Bool {
    if case .features = inputs { !hasTargetPerStep } else { !areNextInputs }
  }

  private static let training = "train"

  /// Looks at a file. Values are looked at in a sample of the training split.
  ///
  /// - Parameters:
  ///   - settings: Keys that decide what the data leave open, such as `data.format`.
  ///   - progress: Shows what takes long.
  /// - Throws: If it cannot be read, or its training split cannot be understood.
  public init(
    _ path: String, settings: DataConfiguration = DataConfiguration(), progress: ProgressReporter
  ) throws(WeftError) {
    file = path
    do {
      let opened = try File(opening: path)
      var groups = try SequenceGroup.all(in: opened, format: settings.format)
      let arrays =
        groups.isEmpty ? try SplitArrays(in: opened) : SplitArrays(groups: groups.map(\.name))
      self.arrays = arrays
      if let arrays { groups = try arrays.groups(in: opened, format: settings.format) }
      guard let group = groups.first(where: { $0.name == Self.training }) else {
        throw try Self.withoutTraining(opened, groups.map(\.name))
      }
      let training = arrays?.words[Self.training] ?? Self.training
      let (dataset, line) = try Self.understand(path, training, arrays, settings)
      let split = try dataset.openSplit(training)
      let ordered = group.stepCounts.sorted()
      let found: Layout =
        switch group.layout {
        case .stream: .stream
        case .ragged: .ragged
        case .dense: .dense
        }
      layout = found
      sequences = ordered.count
      steps = ordered.reduce(0, +)
      median = ordered.isEmpty ? 0 : ordered[(ordered.count - 1) / 2]
      longest = ordered.last ?? 0
      inputs =
        switch split.inputs.content {
        case .tokens(let count): .tokens(count: count, unit: dataset.vocabulary?.unit)
        case .features(let width): .features(width)
        }
      hasTargetPerStep = split.targets != nil && split.hasTargetPerStep
      mayBeExchanged =
        if found == .dense, case .features(let width) = inputs {
          longest <= 64 && width >= 8 * longest && dataset.traits.features.allSatisfy(\.name.isEmpty)
        } else { false }
      categories = dataset.traits.features.filter { !$0.categories.isEmpty }.map(\.name)
      targetNames = dataset.traits.targetNames
      let likeness = hasTargetPerStep ? try TargetLikeness(group, targetNames, dataset.traits.features) : nil
      forecastsInputs = found != .dense && likeness?.areInputs ?? false
      areNextInputs = likeness?.areNextInputs ?? false
      // Other programs' files may have attributes of these names with other values.
      let attributes = opened.root.attributes
      secondsPerStep = try? attributes.value(SeriesAttributes.step, as: Double.self)
      horizon = try? attributes.value(SeriesAttributes.horizon, as: Int.self)
      let sample = try DatasetSample(group, progress: progress)
      self.sample = sample
      targets = try Self.targets(of: split, group, dataset.vocabularies, sample)
      understanding =
        if sample.areOneHot, case .features(2...) = split.targets?.content {
          "\(line), of which a single one is 1: a class"
        } else { line }
      validation = groups.first { $0.name == "validation" }.map { other in
        (other.stepCounts.count, other.stepCounts.reduce(0, +))
      }
      lengths = groups.filter { $0.layout != .stream }.flatMap(\.stepCounts)
      window = groups.map { $0.stepCounts.max() ?? 0 }.min() ?? 0
    } catch let error as WeftError {
      throw error.message.hasPrefix("\(path): ") ? error : .data("\(path): \(error.message)")
    } catch { throw WeftError(error, in: path) }
    guard steps > 0 else { throw .data("\(path): group /\(Self.training): contains no steps") }
  }

  private static func targets(
    of split: Split, _ group: SequenceGroup, _ vocabularies: Vocabularies, _ sample: DatasetSample
  ) throws -> Targets {
    guard let targets = split.targets else { return .none }
    if split.hasTargetSequences {
      var count = 0
      var areMarked = false
      if case .tokens(let bound) = targets.content { count = bound }
      if let tokens = vocabularies.ofTargets?.tokens {
        areMarked = tokens.contains("<bos>") && tokens.contains("<eos>")
      }
      let total = try group.container.dataset("targets").shape.first ?? 0
      return .texts(count: count, areMarked: areMarked, length: max(total / max(group.count, 1), 1))
    }
    switch targets.content {
    case .tokens(let count): return .classes(count)
    case .features(let width):
      if sample.areOneHot, width > 1 { return .classes(width) }
      return sample.areFlags ? .labels(width) : .values(width)
    }
  }

  /// How training reads the file, and in words.
  private static func understand(
    _ path: String, _ training: String, _ arrays: SplitArrays?, _ settings: DataConfiguration
  ) throws(WeftError) -> (DatasetFile, String) {
    do throws(WeftError) {
      // Groups have the names of the format, under other words for splits.
      let named = arrays.flatMap { $0.inputs.isEmpty ? nil : $0.configuration(settings) }
      let dataset = try DatasetFile(suggestedBy: path, split: training, data: named ?? settings)
      return (dataset, try dataset.summary(split: training, tellsNames: false).withoutPrefix("\(path): "))
    } catch {
      guard settings.format == .auto, error.message.contains("data.format") else { throw error }
      throw error.saying("\(error.message); choose as by --set data.format=dense")
    }
  }

  /// Why a file has no training split.
  private static func withoutTraining(_ file: File, _ groups: [String]) throws -> WeftError {
    if !groups.isEmpty {
      return .data(
        "no group 'train' among \(groups.joined(separator: ", ")); 'weft data split' divides a file, and"
          + " data.split.train names a group in a configuration")
    }
    return try FileAdvice.failure(file)
  }
}

extension String {
  fileprivate func withoutPrefix(_ prefix: String) -> String {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
  }
}

extension SequenceGroup {
  /// Number of steps of each sequence; a stream is one.
  fileprivate var stepCounts: [Int] {
    layout == .stream ? [count] : (0..<count).map { length(of: $0) }
  }
}

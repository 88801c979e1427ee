import HDF5
import WeftBase
import WeftData
import WeftTasks
import WeftText

/// Description of a dataset: lengths, feature statistics, class balance and storage.
public struct DatasetDescription: Sendable, Encodable {
  /// The file.
  public let file: String
  /// Vocabularies of inputs, and of targets if they have their own.
  public let vocabularies: [VocabularyDescription]
  /// Its splits.
  public let splits: [SplitDescription]

  /// A vocabulary.
  public struct VocabularyDescription: Sendable, Encodable {
    /// Unit of a token.
    public let unit: String
    /// Number of tokens.
    public let count: Int
    /// The first tokens.
    public let first: [String]
  }

  /// A group of sequences.
  public struct SplitDescription: Sendable, Encodable {
    /// Name of the group.
    public let name: String
    /// How training understands it, in one line, or why it cannot.
    public let understanding: String
    /// Layout: stream, dense or ragged.
    public let layout: String
    /// Number of sequences; 1 for a stream.
    public let sequences: Int
    /// Total number of steps.
    public let steps: Int
    /// Lengths of sequences; nil for a stream.
    public let lengths: LengthDescription?
    /// The names of the first sequences; empty if they have none.
    public let names: [String]
    /// Its datasets.
    public let datasets: [MemberDescription]
  }

  /// Distribution of sequence lengths.
  public struct LengthDescription: Sendable, Encodable {
    /// Minimum length.
    public let minimum: Int
    /// Median length.
    public let median: Int
    /// Mean length.
    public let mean: Double
    /// Maximum length.
    public let maximum: Int
    /// Histogram; nil if all lengths are equal.
    public let histogram: Histogram?
  }

  /// A dataset.
  public struct MemberDescription: Sendable, Encodable {
    /// Name in the group.
    public let name: String
    /// The type of its values.
    public let type: String
    /// Shape.
    public let shape: [Int]
    /// Shape of chunks; nil without chunks.
    public let chunk: [Int]?
    /// Filters of chunks.
    public let filters: [String]
    /// Stored bytes.
    public let storedBytes: Int
    /// Statistics of the first features; empty for tokens and classes.
    public let features: [FeatureDescription]
    /// Number of omitted features.
    public let omittedFeatures: Int
    /// Histogram over all features; nil for tokens and classes.
    public let values: Histogram?
    /// The most frequent tokens or classes with their counts, most frequent first.
    public let classes: [ClassDescription]
    /// Number of distinct tokens or classes.
    public let distinctClasses: Int
    /// What stored numbers mean, such as `missing values -32767, times 0.01`, of which the statistics are; nil if they
    /// are what they mean.
    public let meaning: String?
  }

  /// A feature.
  public struct FeatureDescription: Sendable, Encodable {
    /// Name or index.
    public let name: String
    /// Mean length.
    public let mean: Double
    /// The standard deviation.
    public let standardDeviation: Double
    /// Minimum.
    public let minimum: Double
    /// Maximum.
    public let maximum: Double
    /// Number of non-finite values.
    public let nonFiniteCount: Int
  }

  /// A token or class.
  public struct ClassDescription: Sendable, Encodable {
    /// Index.
    public let number: Int
    /// Text, if the file contains it.
    public let name: String?
    /// Number of occurrences.
    public let count: Int
  }

  /// Reads a complete dataset block by block, more than once.
  ///
  /// - Parameter configuration: How training reads the file; nil for what its names and types suggest.
  /// - Throws: If the file cannot be read or contains no sequences.
  public init(
    _ path: String, configuration: Configuration? = nil, progress: ProgressReporter
  ) throws {
    let opened = try File(opening: path)
    file = path
    let vocabularies = try Vocabularies(in: opened)
    self.vocabularies = [vocabularies.inputs, vocabularies.targets].compactMap { $0 }.map {
      VocabularyDescription(unit: $0.unit.rawValue, count: $0.count, first: Array($0.tokens.prefix(12)))
    }
    let classes = try opened.contains("classes") ? opened.dataset("classes").read(as: String.self) : nil
    let inputs = vocabularies.inputs?.tokens
    let names = ["tokens": inputs, "inputs": inputs, "targets": classes ?? vocabularies.ofTargets?.tokens]
    var groups = try SequenceGroup.all(in: opened)
    let arrays = groups.isEmpty ? try SplitArrays(in: opened) : nil
    if let arrays { groups = try arrays.groups(in: opened) }
    guard !groups.isEmpty else {
      throw WeftError.data("\(path): \(try FileAdvice.failure(opened).message)")
    }
    splits = try groups.map { group in
      try SplitDescription(
        group, names: names,
        understanding: Self.understanding(path, group.name, configuration, arrays, progress), progress)
    }
  }
}

extension DatasetDescription {
  /// What training would print first, without the name of the file.
  private static func understanding(
    _ path: String, _ split: String, _ configuration: Configuration?, _ arrays: SplitArrays?,
    _ progress: ProgressReporter
  ) -> String {
    let split = configuration == nil ? arrays?.words[split] ?? split : split
    do {
      let dataset: DatasetFile
      if var configuration {
        (configuration.data.file, configuration.data.files) = (path, [])
        dataset = try DatasetFile(configuration) { progress.update($0) }
      } else {
        dataset = try DatasetFile(
          suggestedBy: path, split: split, data: arrays?.configuration(DataConfiguration()))
      }
      let line = try dataset.summary(split: split)
      return line.hasPrefix("\(path): ") ? String(line.dropFirst(path.count + 2)) : line
    } catch {
      return error.message.hasPrefix("\(path): ")
        ? String(error.message.dropFirst(path.count + 2)) : error.message
    }
  }
}

extension DatasetDescription.SplitDescription {
  init(
    _ group: SequenceGroup, names: [String: [String]?], understanding: String,
    _ progress: ProgressReporter
  ) throws {
    name = group.name
    self.understanding = understanding
    layout = group.layout.rawValue
    if group.layout == .stream {
      (sequences, steps, lengths) = (1, group.count, nil)
    } else {
      let all = (0..<group.count).map { group.length(of: $0) }
      sequences = all.count
      steps = all.reduce(0, +)
      lengths = all.isEmpty ? nil : DatasetDescription.LengthDescription(all)
    }
    self.names = try group.names(atMost: 12)
    datasets = try group.members.map { member in
      try MemberSurvey(member, of: group, names: names[member.name] ?? nil, progress).description
    }
  }
}

extension DatasetDescription.LengthDescription {
  init(_ lengths: [Int]) {
    let sorted = lengths.sorted()
    minimum = sorted[0]
    median = sorted[(sorted.count - 1) / 2]
    mean = Double(lengths.reduce(0, +)) / Double(lengths.count)
    maximum = sorted[sorted.count - 1]
    histogram = Histogram.lengths(lengths)
  }
}

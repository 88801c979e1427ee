import HDF5
import WeftBase
import WeftText

/// What a dataset holds: lengths, statistics of features, balance of classes, and how it is stored.
public struct DatasetDescription: Sendable, Encodable {
  /// The file.
  public let file: String
  /// Its vocabularies: of inputs, and of targets where they have their own.
  public let vocabularies: [VocabularyDescription]
  /// Its splits.
  public let splits: [SplitDescription]

  /// A vocabulary.
  public struct VocabularyDescription: Sendable, Encodable {
    /// What a token is.
    public let unit: String
    /// Number of tokens.
    public let count: Int
    /// The first of them.
    public let first: [String]
  }

  /// A group of sequences.
  public struct SplitDescription: Sendable, Encodable {
    /// The group.
    public let name: String
    /// How sequences lie: stream, dense or ragged.
    public let layout: String
    /// Sequences; 1 for a stream.
    public let sequences: Int
    /// Steps of all sequences.
    public let steps: Int
    /// Steps of a sequence; nil for a stream.
    public let lengths: LengthDescription?
    /// Its datasets.
    public let datasets: [MemberDescription]
  }

  /// The lengths of sequences.
  public struct LengthDescription: Sendable, Encodable {
    /// Of the shortest.
    public let minimum: Int
    /// Half are no longer.
    public let median: Int
    /// On average.
    public let mean: Double
    /// Of the longest.
    public let maximum: Int
    /// How many there are of each; nil if all are equal.
    public let histogram: Histogram?
  }

  /// A dataset.
  public struct MemberDescription: Sendable, Encodable {
    /// Its name in the group.
    public let name: String
    /// The type of its values.
    public let type: String
    /// Its extents.
    public let shape: [Int]
    /// Of what is stored one by one; nil without.
    public let chunk: [Int]?
    /// What that goes through on its way to the file.
    public let filters: [String]
    /// Bytes in the file.
    public let storedBytes: Int
    /// Of each feature, the first few; empty of tokens and classes.
    public let features: [FeatureDescription]
    /// Features that are not told of.
    public let omittedFeatures: Int
    /// Of all features' values; nil of tokens and classes.
    public let values: Histogram?
    /// Of tokens and classes, how many there are of each, the most frequent first; the first few.
    public let classes: [ClassDescription]
    /// Tokens or classes that occur.
    public let distinctClasses: Int
  }

  /// A feature.
  public struct FeatureDescription: Sendable, Encodable {
    /// Its name, or its number.
    public let name: String
    /// On average.
    public let mean: Double
    /// The standard deviation.
    public let standardDeviation: Double
    /// The least value.
    public let minimum: Double
    /// The greatest value.
    public let maximum: Double
    /// Values that are infinite or no numbers.
    public let nonFiniteCount: Int
  }

  /// A token or class.
  public struct ClassDescription: Sendable, Encodable {
    /// Its number.
    public let number: Int
    /// Its text, where the file tells it.
    public let name: String?
    /// How often it occurs.
    public let count: Int
  }

  /// Reads a dataset to its end, more than once, block by block.
  ///
  /// - Throws: If the file cannot be read or holds no sequences.
  public init(_ path: String, progress: ProgressReporter) throws {
    let opened = try File(opening: path)
    file = path
    let vocabularies = try Vocabularies(in: opened)
    self.vocabularies = [vocabularies.inputs, vocabularies.targets].compactMap { $0 }.map {
      VocabularyDescription(unit: $0.unit.rawValue, count: $0.count, first: Array($0.tokens.prefix(12)))
    }
    let classes = try opened.contains("classes") ? opened.dataset("classes").read(as: String.self) : nil
    let inputs = vocabularies.inputs?.tokens
    let names = ["tokens": inputs, "inputs": inputs, "targets": classes ?? vocabularies.ofTargets?.tokens]
    let groups = try SequenceGroup.all(in: opened)
    guard !groups.isEmpty else {
      throw WeftError.failure(
        "\(path): no group with 'tokens' or 'inputs'; weft inspect shows any HDF5 file")
    }
    splits = try groups.map { group in
      try SplitDescription(group, names: names, progress)
    }
  }
}

extension DatasetDescription.SplitDescription {
  init(_ group: SequenceGroup, names: [String: [String]?], _ progress: ProgressReporter) throws {
    name = group.name
    layout = group.layout.rawValue
    if group.layout == .stream {
      (sequences, steps, lengths) = (1, group.count, nil)
    } else {
      let all = (0..<group.count).map { group.length(of: $0) }
      sequences = all.count
      steps = all.reduce(0, +)
      lengths = all.isEmpty ? nil : DatasetDescription.LengthDescription(all)
    }
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

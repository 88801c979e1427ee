import HDF5

/// What a run was trained on, compactly: whether data are the same can be decided without the data themselves.
///
/// It does not depend on where the files are, on compression, threads or ranks. Vocabularies, class names and scaling
/// are not part of it; checkpoints contain them.
package struct DataFingerprint: Codable, Equatable, Sendable {
  /// Number of files.
  package let fileCount: Int
  /// The training split, followed by that of the evaluations, if there is one.
  package let splits: [Split]

  /// A split of the data.
  package struct Split: Codable, Equatable, Sendable {
    /// Its name, of the group in the files.
    package let name: String
    /// Whether its sequences are shuffled, so that chunks affect their order.
    package let isShuffled: Bool
    /// Its part in every file that has one.
    package let parts: [Part]
  }

  /// The part of a split in one file.
  package struct Part: Codable, Equatable, Sendable {
    /// Index of the file.
    package let file: Int
    /// Inputs, targets, covariates and the positions of sequences, each in a fixed order.
    package let contents: [Content]
  }

  /// A dataset, or the positions of sequences.
  package struct Content: Codable, Equatable, Sendable {
    /// For messages, such as `dataset /train/inputs`.
    package let name: String
    /// The type of the values, such as `float32`.
    package let type: String
    package let shape: [Int]
    /// Shape of the chunks; nil if it is not chunked.
    package let chunks: [Int]?
    /// Whether the checksum is that of all values, rather than of a sample of the chunks.
    package let isComplete: Bool
    /// `PositionalChecksum` of the values in hexadecimal.
    package let checksum: String
  }
}

/// A difference between the data of a run and other data.
package struct DataDifference: Equatable, Sendable {
  /// Name of the split; nil for all.
  package let split: String?
  /// Path of the file.
  package let file: String
  /// The difference, with its dataset.
  package let description: String

  package init(split: String?, file: String, _ description: String) {
    self.split = split
    self.file = file
    self.description = description
  }
}

extension DataFingerprint {
  /// Differences from the data that a run was trained on, at most one for each dataset.
  ///
  /// - Parameter files: Paths of the files of this fingerprint, for messages.
  package func differences(from trained: DataFingerprint, files: [String]) -> [DataDifference] {
    guard fileCount == trained.fileCount else {
      return [
        DataDifference(
          split: nil, file: files.first ?? "",
          "is one of \(fileCount) files, but the run was trained on \(trained.fileCount)")
      ]
    }
    let names = trained.splits.map(\.name) + splits.map(\.name).filter { !trained.names.contains($0) }
    return names.flatMap { name -> [DataDifference] in
      let own = splits.first { $0.name == name }
      let other = trained.splits.first { $0.name == name }
      let numbers = Set(((own?.parts ?? []) + (other?.parts ?? [])).map(\.file)).sorted()
      return numbers.flatMap { number -> [DataDifference] in
        let part = own?.parts.first { $0.file == number }
        let before = other?.parts.first { $0.file == number }
        return Self.differences(part, from: before, of: name, isShuffled: own?.isShuffled ?? false).map {
          DataDifference(
            split: name, file: files.indices.contains(number) ? files[number] : files.first ?? "", $0)
        }
      }
    }
  }

  private static func differences(
    _ part: Part?, from trained: Part?, of split: String, isShuffled: Bool
  ) -> [String] {
    guard let part else { return ["group /\(split): is missing, but the run was trained with it"] }
    guard let trained else { return ["group /\(split): is new; the run was trained without it"] }
    guard part.contents.count == trained.contents.count else {
      return ["group /\(split): has other datasets than the run was trained on"]
    }
    return zip(part.contents, trained.contents).compactMap { content, before in
      content.difference(from: before, isShuffled: isShuffled).map { "\(content.name): \($0)" }
    }
  }

  private var names: [String] { splits.map(\.name) }
}

extension DataFingerprint.Content {
  /// - Parameter isShuffled: Whether the chunks affect the order of the sequences.
  fileprivate func difference(from trained: DataFingerprint.Content, isShuffled: Bool) -> String? {
    if type != trained.type { return "has type \(type), but the run was trained on \(trained.type)" }
    if shape != trained.shape {
      return "has the shape \(shape), but the run was trained on \(trained.shape)"
    }
    if chunks != trained.chunks, isShuffled || !isComplete || !trained.isComplete {
      func text(_ chunks: [Int]?) -> String { chunks.map { "chunks of \($0)" } ?? "contiguous storage" }
      return "has \(text(chunks)), but the run was trained on \(text(trained.chunks)), on which the order of"
        + " shuffled sequences depends"
    }
    if checksum != trained.checksum { return "values differ from those the run was trained on" }
    return nil
  }
}

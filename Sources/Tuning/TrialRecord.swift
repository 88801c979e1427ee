import Foundation
import WeftBase

/// The result of one training of a trial.
package struct TrialRecord: Codable, Sendable, Equatable {
  /// Number of the trial, from 1.
  package var trial: Int
  /// Seed of the training.
  package var seed: Int
  /// The step at which it was to pause; nil for its end.
  package var until: Int?
  /// Completed steps.
  package var steps: Int
  /// Name of the selection metric; nil if the training failed.
  package var metric: String?
  /// Its best value so far.
  package var value: Double?
  /// Whether larger values are better.
  package var higherIsBetter: Bool?
  /// Why the training failed; nil if it did not.
  package var failure: String?

  package init(trial: Int, seed: Int, until: Int?) {
    self.trial = trial
    self.seed = seed
    self.until = until
    steps = 0
  }
}

/// The results of a search in a file, one JSON object per line, from which an interrupted search goes on.
package struct TrialRecords {
  private let path: String
  /// All results so far.
  package private(set) var records: [TrialRecord] = []

  /// Reads the results of a file; none if it does not exist.
  ///
  /// - Throws: If it cannot be read.
  package init(_ path: String) throws(WeftError) {
    self.path = path
    guard OutputFile.exists(path) else { return }
    let text = try TextFile.contents(of: path, atMost: 256 << 20)
    // The last line may be incomplete after a crash.
    records = text.split(separator: "\n").compactMap {
      try? JSONDecoder().decode(TrialRecord.self, from: Data($0.utf8))
    }
  }

  /// The result of a training up to a step; nil if there is none yet. A failure counts for all steps.
  package func record(trial: Int, seed: Int, until: Int?) -> TrialRecord? {
    records.last { $0.trial == trial && $0.seed == seed && ($0.until == until || $0.failure != nil) }
  }

  /// Appends a result.
  ///
  /// - Throws: If the file cannot be written.
  package mutating func append(_ record: TrialRecord) throws(WeftError) {
    records.append(record)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let lines = records.compactMap { try? encoder.encode($0) }.map {
      String(decoding: $0, as: UTF8.self) + "\n"
    }
    try TextFile.replace(path, with: lines.joined())
  }
}

import HDF5

/// The tokens that a model reads and those that it writes, as files keep them: `/vocabulary`, and
/// `/target_vocabulary` where what is written has tokens of its own.
package struct Vocabularies: Sendable, Equatable {
  /// Of the inputs; nil if they are numbers.
  package var inputs: Vocabulary?
  /// Of the targets where they have tokens of their own.
  package var targets: Vocabulary?

  private static let inputName = "vocabulary"
  private static let targetName = "target_vocabulary"

  package init(inputs: Vocabulary? = nil, targets: Vocabulary? = nil) {
    self.inputs = inputs
    self.targets = targets
  }

  /// The texts of the targets' tokens: their own, or those of the inputs.
  package var ofTargets: Vocabulary? { targets ?? inputs }

  /// Reads what a file holds.
  ///
  /// - Parameter check: Called with every dataset after it was read.
  package init(in file: File, check: (Dataset) throws -> Void = { _ in }) throws {
    inputs = try Vocabulary(in: file, name: Self.inputName, check: check)
    targets = try Vocabulary(in: file, name: Self.targetName, check: check)
  }

  /// Writes what there is.
  ///
  /// - Parameter hasChecksums: Whether text is stored in a form that HDF5 has checksums for: of fixed length.
  package func write(to file: File, hasChecksums: Bool) throws {
    try inputs?.write(to: file, name: Self.inputName, hasChecksums: hasChecksums)
    try targets?.write(to: file, name: Self.targetName, hasChecksums: hasChecksums)
  }
}

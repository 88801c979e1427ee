import HDF5

/// The vocabularies of inputs and targets, as stored in files: `/vocabulary`, and `/target_vocabulary` if the targets
/// have their own.
package struct Vocabularies: Sendable, Equatable {
  /// Vocabulary of the inputs; nil if they are numeric.
  package var inputs: Vocabulary?
  /// Vocabulary of the targets, if they have their own.
  package var targets: Vocabulary?

  private static let inputName = "vocabulary"
  private static let targetName = "target_vocabulary"

  package init(inputs: Vocabulary? = nil, targets: Vocabulary? = nil) {
    self.inputs = inputs
    self.targets = targets
  }

  /// The vocabulary of the targets: their own, or that of the inputs.
  package var ofTargets: Vocabulary? { targets ?? inputs }

  /// Reads the vocabularies of a file.
  ///
  /// - Parameter check: Called with every dataset after reading it.
  package init(in file: File, check: (Dataset) throws -> Void = { _ in }) throws {
    inputs = try Vocabulary(in: file, name: Self.inputName, check: check)
    targets = try Vocabulary(in: file, name: Self.targetName, check: check)
  }

  /// Writes the vocabularies that are present.
  ///
  /// - Parameter hasChecksums: Whether to store text with a fixed length, so that HDF5 can add checksums.
  package func write(to file: File, hasChecksums: Bool) throws {
    try inputs?.write(to: file, name: Self.inputName, hasChecksums: hasChecksums)
    try targets?.write(to: file, name: Self.targetName, hasChecksums: hasChecksums)
  }
}

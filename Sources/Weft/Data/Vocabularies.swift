import HDF5

/// The texts of the tokens that a model reads and writes, and where files keep them.
///
/// A file has one dataset `/vocabulary`, of inputs and targets alike, or a group `/vocabulary` with a dataset
/// `inputs`, `targets` or both, each with an attribute `unit`.
package struct Vocabularies: Sendable, Equatable {
  /// Of the inputs; nil if they are numbers.
  package var inputs: Vocabulary?
  /// Of the targets where they have tokens of their own.
  package var targets: Vocabulary?

  package init(inputs: Vocabulary? = nil, targets: Vocabulary? = nil) {
    self.inputs = inputs
    self.targets = targets
  }

  /// The texts of the targets' tokens: their own, or those of the inputs.
  package var ofTargets: Vocabulary? { targets ?? inputs }

  /// Reads what a file holds.
  ///
  /// - Parameter check: Called with each dataset after it was read.
  package init(in file: File, check: (Dataset) throws -> Void = { _ in }) throws {
    guard let root = try file.root.children.first(where: { $0.name == Self.path }) else {
      self.init()
      return
    }
    if root.kind != .group {
      self.init(inputs: try Vocabulary(in: file, name: Self.path, check: check))
      return
    }
    self.init(
      inputs: try Vocabulary(in: file, name: Self.inputsPath, check: check),
      targets: try Vocabulary(in: file, name: Self.targetsPath, check: check))
  }

  /// Writes them where ``init(in:check:)`` looks.
  ///
  /// - Parameter hasChecksums: Whether text is stored in a form that HDF5 has checksums for: of fixed length.
  package func write(to file: File, hasChecksums: Bool) throws {
    try inputs?.write(
      to: file, name: targets == nil ? Self.path : Self.inputsPath, hasChecksums: hasChecksums)
    try targets?.write(to: file, name: Self.targetsPath, hasChecksums: hasChecksums)
  }

  private static let path = "vocabulary"
  private static let inputsPath = "vocabulary/inputs"
  private static let targetsPath = "vocabulary/targets"
}

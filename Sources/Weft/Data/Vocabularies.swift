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

  /// Each with the dataset that holds it.
  var named: [(path: String, vocabulary: Vocabulary)] {
    guard let targets else { return inputs.map { [("vocabulary", $0)] } ?? [] }
    return (inputs.map { [("vocabulary/inputs", $0)] } ?? []) + [("vocabulary/targets", targets)]
  }

  /// Reads what a file holds.
  ///
  /// - Parameters:
  ///   - unit: What a token is where the dataset does not say.
  ///   - check: Called with each dataset.
  init(
    in file: File, unit: @autoclosure () throws -> Vocabulary.Unit, check: (Dataset) throws -> Void = { _ in }
  ) throws {
    func read(_ path: String) throws -> Vocabulary {
      let dataset = try file.dataset(path)
      let name =
        try dataset.attributes.contains("unit") ? dataset.attributes.value("unit", as: String.self) : nil
      let tokens = try dataset.read(as: String.self)
      try check(dataset)
      do {
        return try Vocabulary(tokens: tokens, unit: try name.map { .init(rawValue: $0) ?? .word } ?? unit())
      } catch {
        throw WeftError.failure("dataset \(dataset.path): \((error as? WeftError)?.message ?? "\(error)")")
      }
    }
    guard let root = try file.root.children.first(where: { $0.name == "vocabulary" }) else {
      self.init()
      return
    }
    if root.kind != .group {
      self.init(inputs: try read("vocabulary"))
      return
    }
    let names = try file.group("vocabulary").children.map(\.name)
    self.init(
      inputs: names.contains("inputs") ? try read("vocabulary/inputs") : nil,
      targets: names.contains("targets") ? try read("vocabulary/targets") : nil)
  }
}

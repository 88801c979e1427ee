import HDF5
import WeftBase
import WeftData
import WeftText

/// The vocabulary of a trained model or of a dataset, with which other text is converted, and what its targets name.
package struct KnownVocabulary {
  /// The vocabulary of the inputs.
  package let vocabulary: Vocabulary
  /// Names of the target classes; empty without any.
  package let classes: [String]
  /// Names of the labels of which an example may have several; empty without any.
  package let labels: [String]

  /// Reads what a file has.
  ///
  /// - Parameter path: A run's folder, a checkpoint or a dataset.
  /// - Throws: If the file cannot be read or has no vocabulary.
  package static func read(_ path: String) throws(WeftError) -> KnownVocabulary {
    let name = try RunFolder.checkpointPath(path)
    do {
      let file = try File(opening: name)
      guard let vocabulary = try Vocabularies(in: file).inputs else {
        throw WeftError.model("\(name): contains no vocabulary of inputs")
      }
      let classes = try DataTraits(in: file).classes
      return KnownVocabulary(
        vocabulary: vocabulary, classes: classes, labels: classes.isEmpty ? try labels(in: file) : [])
    } catch { throw WeftError(error, in: name) }
  }

  private static func labels(in file: File) throws -> [String] {
    if try file.contains("weights") {
      let budget = FileBudget(of: file.path, expansion: FileBudget.compressedExpansion)
      return try Checkpoint.targetNames(in: file, budget)
    }
    guard try file.contains("train/targets") else { return [] }
    let targets = try file.dataset("train/targets")
    let names = try targets.featureNames()
    return try targets.shape.count == 2 && targets.shape[1] == names.count ? names : []
  }
}

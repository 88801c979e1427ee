import HDF5
import WeftBase
import WeftData
import WeftText

/// The vocabulary of a trained model or a dataset.
package enum KnownVocabulary {
  /// Reads a vocabulary, and the names of the target classes; empty without any.
  ///
  /// - Parameter path: A run's folder, a checkpoint or a dataset.
  /// - Throws: If the file cannot be read or has no vocabulary.
  package static func read(
    _ path: String
  ) throws(WeftError) -> (vocabulary: Vocabulary, classes: [String]) {
    let name = try RunFolder.checkpointPath(path)
    do {
      let file = try File(opening: name)
      guard let vocabulary = try Vocabularies(in: file).inputs else {
        throw WeftError.model("\(name): contains no vocabulary of inputs")
      }
      return (vocabulary, try DataTraits(in: file).classes)
    } catch { throw WeftError(error, in: name) }
  }
}

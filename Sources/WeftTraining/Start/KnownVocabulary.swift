import HDF5
import WeftBase
import WeftText

/// The vocabulary of a trained model or a dataset.
package enum KnownVocabulary {
  /// Reads a vocabulary.
  ///
  /// - Parameter path: A run's folder, a checkpoint or a dataset.
  /// - Throws: If the file cannot be read or has no vocabulary.
  package static func read(_ path: String) throws(WeftError) -> Vocabulary {
    let file = try RunFolder.checkpointPath(path)
    do {
      guard let vocabulary = try Vocabularies(in: File(opening: file)).inputs else {
        throw WeftError.model("\(file): contains no vocabulary of inputs")
      }
      return vocabulary
    } catch { throw WeftError(error, in: file) }
  }
}

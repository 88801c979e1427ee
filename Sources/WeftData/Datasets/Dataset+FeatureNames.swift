import HDF5
import WeftBase

extension Dataset {
  /// The names of the columns, as Weft's tools write them; empty if there are none.
  package func featureNames() throws -> [String] {
    try attributes.contains("feature_names") ? attributes.values("feature_names", as: String.self) : []
  }
}

extension SequenceReader {
  /// The names of the columns; empty if the dataset has none.
  ///
  /// - Throws: If they cannot be read.
  package func featureNames() throws(WeftError) -> [String] {
    do { return try dataset.featureNames() } catch { throw WeftError(error, in: file) }
  }
}

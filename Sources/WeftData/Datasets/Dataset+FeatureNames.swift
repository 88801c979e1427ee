import HDF5

extension Dataset {
  /// The names of the columns, as Weft's tools write them; empty if there are none.
  package func featureNames() throws -> [String] {
    try attributes.contains("feature_names") ? attributes.values("feature_names", as: String.self) : []
  }
}

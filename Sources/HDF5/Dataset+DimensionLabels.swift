extension Dataset {
  /// The attribute that the library's dimension scales and h5py's `dims[i].label` use.
  private static let labelsAttribute = "DIMENSION_LABELS"

  /// Sets the labels of the dimensions, as shown by h5py, HDFView and others; an empty label for none.
  ///
  /// - Throws: `wrongRank` for another number of labels than dimensions, `readOnly`, …
  public func setDimensionLabels(_ labels: [String]) throws(HDF5Error) {
    let rank = try shape.count
    guard labels.count == rank, rank > 0 else {
      throw handle.place.error(
        .wrongRank, "cannot label its dimensions", "it has \(rank), there are \(labels.count) labels")
    }
    try attributes.set(Self.labelsAttribute, to: labels)
  }

  /// The names of the dimensions, empty where there is none; nil when none has one.
  ///
  /// - Throws: any damage found.
  public var dimensionLabels: [String]? {
    get throws(HDF5Error) {
      guard try attributes.contains(Self.labelsAttribute) else { return nil }
      return try attributes.values(Self.labelsAttribute, as: String.self)
    }
  }
}

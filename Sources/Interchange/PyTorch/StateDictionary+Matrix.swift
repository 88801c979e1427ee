extension WeightMatrix {
  /// An array of a file; nil unless it has two dimensions and values. Sums over the rows of an empty one would never end.
  init?(_ array: StateDictionary.Array) {
    guard array.shape.count == 2, !array.values.isEmpty else { return nil }
    self.init(rows: array.shape[0], columns: array.shape[1], values: array.values)
  }
}

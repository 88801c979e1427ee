import WeftBase

extension TiedItems {
  /// What ties so many items together that splits may have other sizes than asked for; nil if nothing does.
  ///
  /// - Parameters:
  ///   - unit: The items, such as `recordings`.
  ///   - keys: What ties them.
  func note(unit: String, keys: String) -> String? {
    // Sets of at least two items, and of a tenth of all.
    guard largest > 1, largest * 10 > itemCount else { return nil }
    return "\(keys) keep \(largest) of \(itemCount) \(unit) together in one split"
  }

  /// Checks that there may be an item for each split.
  ///
  /// - Throws: If there are fewer sets of items than splits.
  func check(splits: Int, source: String, unit: String, keys: String) throws(WeftError) {
    guard itemCount > 0, count < splits else { return }
    throw .data(
      "\(source): \(keys) tie all \(itemCount) \(unit) together\(count > 1 ? " in \(count) sets" : ""), so that they"
        + " cannot be divided into \(splits) splits")
  }
}

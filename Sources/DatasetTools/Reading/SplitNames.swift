/// Names of splits.
enum SplitNames {
  static let usual = ["train", "validation", "test"]

  /// Names of splits, the usual ones first and in their order.
  static func usualFirst(_ names: [String]) -> [String] {
    usual.filter(names.contains) + names.filter { !usual.contains($0) }
  }
}

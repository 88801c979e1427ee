import WeftData

extension SplitConfiguration {
  /// The group configured for `train`, `validation` or `test`; other names denote groups directly.
  func group(named name: String) -> String {
    ["train": train, "validation": validation, "test": test][name] ?? name
  }
}

import WeftData

extension SplitConfiguration {
  /// The group that the configuration means by `train`, `validation` or `test`; another name is a group's own.
  func group(named name: String) -> String {
    ["train": train, "validation": validation, "test": test][name] ?? name
  }
}

/// A key whose value differs between two configurations.
public struct ConfigurationDifference: Equatable, Sendable {
  /// The dotted path of the key.
  public let key: String
  /// The value in the configuration compared with, as YAML; nil for none.
  public let old: String?
  /// The value in this configuration, as YAML; nil for none.
  public let new: String?
  /// Whether the key affects the trained weights, rather than only speed, paths or logging.
  public let changesResult: Bool
}

extension ConfigurationDifference: CustomStringConvertible {
  /// For example `model.hidden: 128, was 64`.
  public var description: String { "\(key): \(new ?? "not set"), was \(old ?? "not set")" }
}

extension Configuration {
  /// The keys whose values differ from those of an older configuration, in the order of the reference.
  public func differences(from old: Configuration) -> [ConfigurationDifference] {
    Self.keys.compactMap { key in
      let oldText = key.text(old)
      let newText = key.text(self)
      guard oldText != newText else { return nil }
      return ConfigurationDifference(
        key: key.path, old: oldText, new: newText, changesResult: key.changesResult)
    }
  }
}

extension Configuration {
  /// Every key with its value as YAML, nil where it is not set, in the order of the reference.
  package var values: [(key: String, value: String?)] { Self.keys.map { ($0.path, $0.text(self)) } }
}

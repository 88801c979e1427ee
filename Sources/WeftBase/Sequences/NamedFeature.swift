/// A feature of the inputs as a dataset names it.
package struct NamedFeature: Sendable, Equatable, Codable {
  /// Its name.
  package let name: String
  /// The names that its values are numbers of; empty for quantities.
  package let categories: [String]

  package init(name: String, categories: [String] = []) {
    self.name = name
    self.categories = categories
  }

  /// Most features that are kept, so that wide inputs do not fill a checkpoint.
  package static let maximumCount = 1 << 16
}

extension [NamedFeature] {
  /// How features differ from those that a model was trained on, although there are as many; nil if they do not.
  ///
  /// Features that share no name with those of training are taken for the same under other names.
  ///
  /// - Parameters:
  ///   - translated: Names of features whose categories are translated by name.
  ///   - noun: What they are, in the plural.
  ///   - other: What the others are of, with its verb, for the description.
  package func difference(
    from trained: [NamedFeature], translated: Set<String>, noun: String = "features",
    other: String = "the model was trained on"
  ) -> String? {
    guard count == trained.count else { return nil }
    let (own, others) = (map(\.name), trained.map(\.name))
    if own != others, !Set(own).isDisjoint(with: others) {
      return "its \(noun) are \(own.summary), but \(other) \(others.summary)"
    }
    for (feature, wanted) in zip(self, trained)
    where !translated.contains(wanted.name) && !feature.categories.isEmpty && !wanted.categories.isEmpty
      && feature.categories != wanted.categories
    {
      return
        "'\(feature.name)' has numbers of \(feature.categories.summary), but \(other) those of"
        + " \(wanted.categories.summary); a model that is trained with data.categories: [\(feature.name)] reads them"
        + " by name"
    }
    return nil
  }
}

extension [String] {
  /// The first names, for a message.
  fileprivate var summary: String {
    prefix(8).joined(separator: ", ") + (count > 8 ? ", … (\(count))" : "")
  }
}

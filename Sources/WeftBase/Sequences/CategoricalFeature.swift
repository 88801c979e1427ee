/// A feature of the inputs that is the number of a category, and is read through an embedding.
package struct CategoricalFeature: Sendable, Equatable, Codable {
  /// Its index among the features of a step.
  package let column: Int
  /// Its name, which no other feature of the inputs has.
  package let name: String
  /// Number of categories; a feature is at least 0 and less.
  package let count: Int
  /// The name of each category; empty if they have none.
  package let names: [String]

  /// Most categories of one feature: a float32 holds so many whole numbers.
  package static let maximumCount = 1 << 24

  package init(column: Int, name: String, count: Int, names: [String] = []) {
    self.column = column
    self.name = name
    self.count = count
    self.names = names
  }

  /// Whether a list of them, as read from a file, belongs to inputs of so many features.
  package static func areValid(_ features: [CategoricalFeature], of width: Int) -> Bool {
    zip(features, features.dropFirst()).allSatisfy { $0.column < $1.column }
      && Set(features.map(\.name)).count == features.count
      && features.allSatisfy {
        (0..<width).contains($0.column) && (1...maximumCount).contains($0.count)
          && ($0.names.isEmpty || $0.names.count == $0.count)
      }
  }
}

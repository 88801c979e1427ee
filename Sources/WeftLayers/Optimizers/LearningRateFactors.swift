import WeftBase

/// Factors of the learning rate of some parameters; 0 for frozen ones.
package struct LearningRateFactors: Sendable, Equatable {
  /// Paths of parameters or of groups of them, such as `layer0`, and their factors; the last one that matches counts.
  private let entries: [(path: String, factor: Double)]

  package init(_ entries: [(path: String, factor: Double)] = []) { self.entries = entries }

  /// The factor of a parameter.
  func factor(of name: String) -> Double {
    entries.last { Self.matches(name, path: $0.path) }?.factor ?? 1
  }

  /// The places in the flat array of parameters that are not trained.
  package func frozen(in layout: ParameterLayout) -> [Range<Int>] {
    layout.parameters.filter { factor(of: $0.name) == 0 }.map(\.range)
  }

  /// Checks that every path has parameters, and that some are trained.
  ///
  /// - Parameter key: The configuration key of a path.
  /// - Throws: If a path has none; the error names the model's.
  package func check(_ layout: ParameterLayout, key: (String) -> String) throws(WeftError) {
    let names = layout.parameters.map(\.name)
    for entry in entries where !names.contains(where: { Self.matches($0, path: entry.path) }) {
      var groups: [String] = []
      for name in names {
        let group = name.prefix { $0 != "/" }
        if !groups.contains(String(group)) { groups.append(String(group)) }
      }
      throw .configuration(
        "\(key(entry.path)): the model has no '\(entry.path)'; its parameters are in "
          + groups.joined(separator: ", "))
    }
    if names.allSatisfy({ factor(of: $0) == 0 }) {
      throw .configuration("\(key(entries.last?.path ?? "")): no parameter is left to train")
    }
  }

  private static func matches(_ name: String, path: String) -> Bool {
    name == path || name.hasPrefix(path + "/")
  }

  package static func == (first: Self, second: Self) -> Bool {
    first.entries.elementsEqual(second.entries) { $0 == $1 }
  }
}

import WeftBase
import Yams

/// A value that is a mapping of keys to values, such as an element of a list.
package protocol ConfigurationMapping: ConfigurationValue {
  /// The keys, in the order in which they are written and documented.
  static var keys: [ConfigurationKey<Self>] { get }

  /// The defaults.
  init()

  /// What is wrong with the values together; nil for nothing.
  var problem: String? { get }
}

extension ConfigurationMapping {
  package init(configurationNode node: Node) throws(ConfigurationValueProblem) {
    guard case .mapping(let mapping) = node else {
      throw ConfigurationValueProblem("expected \(Self.expectation)")
    }
    self.init()
    for (name, value) in mapping {
      let text = name.scalar?.string ?? ""
      guard let key = Self.keys.first(where: { $0.path == text }) else {
        let suggestion = text.nearest(among: Self.keys.map(\.path)).map { "; did you mean '\($0)'?" } ?? ""
        throw ConfigurationValueProblem("unknown key '\(text)'\(suggestion)")
      }
      do { try key.read(value, &self) } catch {
        throw ConfigurationValueProblem("\(key.path): \(error.text)")
      }
    }
    if let problem { throw ConfigurationValueProblem(problem) }
  }

  /// The values that are not the defaults, as a mapping on one line.
  package var configurationText: String? {
    let defaults = Self()
    let values = Self.keys.compactMap { key -> String? in
      guard let text = key.text(self), text != key.text(defaults) else { return nil }
      return "\(key.path): \(text)"
    }
    return "{\(values.joined(separator: ", "))}"
  }
}

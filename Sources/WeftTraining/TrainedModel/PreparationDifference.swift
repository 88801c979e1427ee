import Foundation

/// How two records of the preparation of inputs (attribute `preparation`) differ.
enum PreparationDifference {
  /// The settings of `other` that differ from those of `own`, such as `log_mel.rate is 8000, not 16000`; nil if none does.
  static func description(of other: String, from own: String) -> String? {
    if other == own { return nil }
    let (others, owns) = (settings(of: other), settings(of: own))
    let names = Set(others.keys).union(owns.keys).filter { others[$0] != owns[$0] }.sorted()
    if names.isEmpty { return nil }
    let told = names.prefix(3).map { "\($0) is \(others[$0] ?? "missing"), not \(owns[$0] ?? "missing")" }
    return told.joined(separator: ", ") + (names.count > 3 ? " and \(names.count - 3) more" : "")
  }

  /// The values of an object and of those in it, by the path of their names. What is no JSON is one value without a name.
  private static func settings(of json: String) -> [String: String] {
    guard let object = try? JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] else {
      return ["": json]
    }
    var settings: [String: String] = [:]
    func add(_ object: [String: Any], _ prefix: String) {
      for (name, value) in object {
        if let inner = value as? [String: Any] {
          add(inner, "\(prefix)\(name).")
        } else {
          settings[prefix + name] = "\(value)"
        }
      }
    }
    add(object, "")
    return settings
  }
}

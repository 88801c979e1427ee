/// Names of classes that other programs store beside a model, each in a way of its own.
enum ForeignClasses {
  /// The names under which they are stored.
  static let keys = [
    "classes", "class_names", "class_labels", "labels", "label_names", "names", "id2label", "idx_to_class",
    "idx2label", "label2id", "class_to_idx", "label_to_idx",
  ]

  /// The classes of a model's metadata; nil if there are none.
  static func names(in entries: [String: String]) -> [String]? {
    for key in keys {
      if let text = entries[key], let value = value(text), let names = names(value) { return names }
    }
    return nil
  }

  /// The classes in the order of their numbers: a list, or a dictionary of names and numbers either way.
  static func names(_ value: JSONValue) -> [String]? {
    if let list = value.list {
      let names = list.compactMap(\.text)
      return !names.isEmpty && names.count == list.count ? names : nil
    }
    guard let members = value.members, !members.isEmpty else { return nil }
    var names = [String?](repeating: nil, count: members.count)
    for (key, value) in members {
      let (number, name) = value.text.map { (Int(key), $0) } ?? (value.integer, key)
      guard let number, names.indices.contains(number), names[number] == nil else { return nil }
      names[number] = name
    }
    return names.compactMap(\.self)
  }

  /// A document, or what Python prints of a list or dictionary.
  private static func value(_ text: String) -> JSONValue? {
    if text.utf8.count > 1 << 20 { return nil }
    if let value = JSONValue(parsing: text.utf8) { return value }
    let document = text.replacing(/'((?:[^'"\\])*)'/) { "\"\($0.1)\"" }
      .replacing(/([{,]\s*)(\d+)\s*:/) { "\($0.1)\"\($0.2)\":" }
    return JSONValue(parsing: document.utf8)
  }
}

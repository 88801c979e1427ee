extension TorchFile {
  /// The classes that a training program stored beside the weights; nil if there are none.
  var classes: [String]? {
    guard let entries = values.entries(root) else { return nil }
    for key in ForeignClasses.keys {
      guard let place = entries.first(where: { $0.name == key })?.value, let value = simple(place) else {
        continue
      }
      if let names = ForeignClasses.names(value) { return names }
    }
    return nil
  }

  /// A list of texts, or a dictionary of texts and numbers.
  private func simple(_ place: PickledValues.Place) -> JSONValue? {
    if let elements = values.elements(place), elements.count <= 1 << 16 {
      let texts = elements.compactMap(values.text)
      return texts.count == elements.count ? .list(texts.map { .text($0) }) : nil
    }
    guard case .dictionary(let entries) = values[place], entries.count <= 1 << 16 else { return nil }
    var members: [String: JSONValue] = [:]
    for (key, value) in entries {
      if let name = values.text(key), let number = values.integer(value) { members[name] = .integer(number) }
      if let number = values.integer(key), let name = values.text(value) {
        members["\(number)"] = .text(name)
      }
    }
    return .object(members)
  }
}

import WeftBase

/// The class names of a file, in the order of its labels.
struct ClassNames {
  private let names: [String]

  init(_ names: [String]) { self.names = names }

  /// The number in a model of each class; nil if the numbers are the same, or either names no classes.
  ///
  /// - Parameter model: The model's class names, in its order.
  /// - Throws: If the model does not know a class, or two have the same name.
  func numbers(among model: [String]) throws(WeftError) -> [Int32]? {
    if names == model || names.isEmpty || model.isEmpty { return nil }
    guard Set(model).count == model.count, Set(names).count == names.count else {
      throw .data(
        "dataset /classes: differs from the classes of the model, and names are not unique, so that labels"
          + " cannot be translated")
    }
    let numbers = Dictionary(uniqueKeysWithValues: model.enumerated().map { ($1, Int32($0)) })
    var result: [Int32] = []
    for name in names {
      guard let number = numbers[name] else {
        let known =
          model.prefix(10).map { "'\($0)'" }.joined(separator: ", ") + (model.count > 10 ? ", …" : "")
        throw .data(
          "dataset /classes: the model does not know '\(name)'; its classes are \(known)")
      }
      result.append(number)
    }
    return result
  }
}

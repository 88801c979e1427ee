import WeftBase

/// A column that is used, and what its first reading told of it.
struct TableColumn {
  let name: String
  /// Its place in a record.
  let index: Int
  /// Whether all its values are numbers; otherwise they are names of categories.
  private(set) var isNumeric = true
  /// The line of the first value that is no number, for messages.
  private(set) var firstNameLine: Int?
  private var categories: Set<String> = []
  private var sum = 0.0
  private var count = 0
  /// Categories in the order of their names; a value is its place here.
  private(set) var names: [String] = []
  private var numbers: [String: Int] = [:]

  /// More categories are no categories.
  private static let greatestCategoryCount = 1 << 16

  init(name: String, index: Int) {
    self.name = name
    self.index = index
  }

  /// Looks at a field.
  ///
  /// - Parameter isTraining: Whether it counts for the mean.
  mutating func add(_ field: String, isTraining: Bool, _ reader: TableReader) throws(WeftError) {
    if MissingValues.isMissing(field) { return }
    let text = MissingValues.trimmed(field)
    if let value = Double(text), value.isFinite {
      if isTraining {
        sum += value
        count += 1
      }
    } else if isNumeric {
      isNumeric = false
      firstNameLine = reader.line
    }
    // Numbers may turn out to be the names of classes.
    if categories.count <= Self.greatestCategoryCount { categories.insert(text) }
  }

  /// Ends the first reading.
  ///
  /// - Parameter wantsCategories: Whether numbers are the names of classes too.
  mutating func finish(wantsCategories: Bool, path: String) throws(WeftError) {
    isNumeric = isNumeric && !wantsCategories
    if !isNumeric {
      guard categories.count <= Self.greatestCategoryCount else {
        let place = firstNameLine.map { ", first on line \($0)" } ?? ""
        throw .failure(
          "\(path): column '\(name)': contains more than \(Self.greatestCategoryCount) different"
            + " texts\(place); it can be neither numeric nor categorical"
        )
      }
      let areNumbers = categories.allSatisfy { Double($0) != nil }
      names = areNumbers ? categories.sorted { (Double($0) ?? 0) < (Double($1) ?? 0) } : categories.sorted()
      numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    }
    categories = []
  }

  /// The mean of the training values; nil if there is none.
  var mean: Double? { count > 0 && isNumeric ? sum / Double(count) : nil }

  /// The value of a field; nil if it is missing.
  func value(_ field: String) -> Double? {
    if MissingValues.isMissing(field) { return nil }
    let text = MissingValues.trimmed(field)
    return isNumeric ? Double(text) : numbers[text].map(Double.init)
  }
}

import WeftBase

/// A selected column, with the result of the first pass.
struct TableColumn {
  let name: String
  /// Index in a record.
  let index: Int
  /// Whether all values are numbers; otherwise they are category names.
  private(set) var isNumeric = true
  /// Line of the first non-numeric value, for messages.
  private(set) var firstNameLine: Int?
  private var categories: Set<String> = []
  private var sum = 0.0
  private var count = 0
  /// Categories in the order of their names; a value is an index into them.
  private(set) var names: [String] = []
  private var numbers: [String: Int] = [:]

  /// Maximum number of categories.
  private static let maximumCategoryCount = 1 << 16

  init(name: String, index: Int) {
    self.name = name
    self.index = index
  }

  /// Examines a field.
  ///
  /// - Parameter isTraining: Whether it is included in the mean.
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
    // Numbers may be class names.
    if categories.count <= Self.maximumCategoryCount { categories.insert(text) }
  }

  /// Completes the first pass.
  ///
  /// - Parameter wantsCategories: Whether to treat numbers as class names.
  mutating func finish(wantsCategories: Bool, path: String) throws(WeftError) {
    isNumeric = isNumeric && !wantsCategories
    if !isNumeric {
      guard categories.count <= Self.maximumCategoryCount else {
        let place = firstNameLine.map { ", first on line \($0)" } ?? ""
        throw .failure(
          "\(path): column '\(name)': contains more than \(Self.maximumCategoryCount) different"
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

import WeftBase

/// A selected column, with the result of the first pass.
struct TableColumn {
  let name: String
  /// Index in a record.
  let index: Int
  /// Whether the user says that the values are names.
  let isCategorical: Bool
  /// Whether all values are numbers; otherwise they are category names.
  private(set) var isNumeric = true
  /// The first value that is not a number, and its line.
  private var firstName: (text: String, line: Int)?
  /// Values that are numbers, that only look like some, and all others.
  private var numberCount = 0
  private var lookalikeCount = 0
  private var nameCount = 0
  private var categories: Set<String> = []
  private var sum = 0.0
  /// The smallest number; nil without any.
  private(set) var minimum: Double?
  private var count = 0
  /// Categories in the order of their names; a value is an index into them.
  private(set) var names: [String] = []
  private var numbers: [String: Int] = [:]

  /// Maximum number of categories.
  private static let maximumCategoryCount = 1 << 16

  init(name: String, index: Int, isCategorical: Bool = false) {
    self.name = name
    self.index = index
    self.isCategorical = isCategorical
  }

  /// Examines a field.
  ///
  /// - Parameter isTraining: Whether it is included in the mean.
  mutating func add(
    _ field: String, isTraining: Bool, _ reader: TableReader
  ) throws(WeftError) {
    if reader.format.isMissing(field) { return }
    let text = MissingValues.trimmed(field)
    if let value = reader.format.number(text) {
      numberCount += 1
      minimum = min(minimum ?? value, value)
      if isTraining {
        sum += value
        count += 1
      }
    } else {
      if text.resemblesNumber { lookalikeCount += 1 } else { nameCount += 1 }
      if firstName == nil { firstName = (text, reader.line) }
      isNumeric = false
    }
    // Numbers may be class names.
    if categories.count <= Self.maximumCategoryCount { categories.insert(text) }
  }

  /// Completes the first pass.
  ///
  /// - Parameter wantsCategories: Whether to treat numbers as class names.
  /// - Throws: If the values are neither numbers nor names.
  mutating func finish(wantsCategories: Bool, path: String) throws(WeftError) {
    let wantsCategories = wantsCategories || isCategorical
    isNumeric = isNumeric && !wantsCategories
    if !isNumeric {
      if !wantsCategories { try checkAreNames(path: path) }
      guard categories.count <= Self.maximumCategoryCount else {
        let place = firstName.map { ", first on line \($0.line)" } ?? ""
        throw .data(
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

  /// A few texts among numbers are mistakes or marks rather than names.
  ///
  /// - Throws: If most values are numbers, or look like some.
  private func checkAreNames(path: String) throws(WeftError) {
    guard let firstName, numberCount + lookalikeCount > nameCount else { return }
    let all = numberCount + lookalikeCount + nameCount
    let advice =
      firstName.text.hasDecimalComma
      ? "use --decimal , for numbers with a decimal comma"
      : firstName.text.resemblesNumber
        ? "write plain numbers, without units or separators of thousands"
        : "use --missing-mark '\(firstName.text)' if it stands for a missing value"
    let found =
      numberCount == 0
      ? "is not a number as Weft reads it" : "is not a number, but \(numberCount) of \(all) values are"
    throw .data(
      "\(path): line \(firstName.line), column '\(name)': '\(firstName.text)' \(found); \(advice), or --categories"
        + " '\(name)' if the values are names")
  }

  /// The mean of the training values; nil if there is none.
  var mean: Double? { count > 0 && isNumeric ? sum / Double(count) : nil }

  /// The value of a field; nil if it is missing.
  func value(_ field: String, _ format: TableFormat) -> Double? {
    if format.isMissing(field) { return nil }
    let text = MissingValues.trimmed(field)
    return isNumeric ? format.number(text) : numbers[text].map(Double.init)
  }

  /// For example `column 'city': 3 categories (Berlin, Paris, Rome)`; nil for numbers.
  var note: String? {
    if isNumeric { return nil }
    let shown = names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
    return "column '\(name)': \(names.count) categories (\(shown))"
  }
}

extension String {
  /// Whether the text is a number with a decimal comma.
  fileprivate var hasDecimalComma: Bool { wholeMatch(of: /[+-]?\d+,\d+/) != nil }

  /// Whether the text is a number with separators of thousands, a decimal comma, a sign of percent or of a currency, or
  /// an infinite one.
  fileprivate var resemblesNumber: Bool {
    // Names are told by their first byte, without the expression, which is slow.
    if let first = utf8.first, first < 128, !"$+-0123456789".utf8.contains(first) {
      return Double(self) != nil
    }
    return wholeMatch(of: /[$€£¥]?\s?[+-]?\d[\d.,'_ \u{A0}]*\s?[%$€£¥]?/) != nil || Double(self) != nil
  }
}

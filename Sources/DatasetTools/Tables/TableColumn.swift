import HDF5
import WeftBase

/// A selected column, with the result of the first pass.
struct TableColumn {
  /// What a column is for.
  enum Role {
    case input, target
  }

  let name: String
  /// Index in a record.
  let index: Int
  /// Whether the user says that the values are names.
  let isCategorical: Bool
  private let role: Role
  /// Whether all values are numbers; otherwise they are category names.
  private(set) var isNumeric = true
  /// The first value that is not a number, and its line.
  private var firstName: (text: String, line: Int)?
  private var precision = PrecisionSurvey()
  /// Values that are numbers, that only look like some, and all others.
  private var numberCount = 0
  private var lookalikeCount = 0
  private var nameCount = 0
  private var categories: Set<String> = []
  private var sum = 0.0
  private var count = 0
  /// The first number with points that may separate thousands, unless another cannot have such.
  private var firstThousands: (text: String, line: Int)?
  private var mayHaveThousands = true
  /// The sum of all numbers, and the last one.
  private var (total, lastNumber) = (0.0, 0.0)
  /// The first number of each unit that is left out, which is empty for numbers without one.
  private var firstOfUnit: [String: (text: String, line: Int)] = [:]
  /// The lines of the first number and the last, and of the last text.
  private var (firstNumberLine, lastNumberLine, lastNameLine) = (0, 0, 0)
  /// The first number, and whether each is the one before it and 1.
  private var (firstNumber, countsRows) = (0.0, true)
  private var outliers = OutlierSurvey()
  /// Categories in the order of their names; a value is an index into them.
  private(set) var names: [String] = []
  private var numbers: [String: Int] = [:]
  /// Whether a field has no value.
  private var hasMissing = false
  /// The category of missing names; nil if they have none.
  private(set) var missingNumber: Int?
  /// Marks of missing values that the user named and that occur.
  private(set) var seenMarks: Set<String> = []

  /// The name of the category of missing names.
  static let missingName = "<missing>"
  /// Maximum number of categories.
  private static let maximumCategoryCount = 1 << 16
  /// Number of values from which on different ones tell what a column contains.
  private static let tellingCount = 20

  init(name: String, index: Int, isCategorical: Bool = false, role: Role = .input) {
    self.name = name
    self.index = index
    self.isCategorical = isCategorical
    self.role = role
  }

  /// Whether a field has no value. Where the user says that values are names, `NA` and `None` are names, too.
  private func isMissing(_ field: String, _ format: TableFormat) -> Bool {
    guard format.isMissing(field) else { return false }
    return !isCategorical || format.mark(of: field) != nil || !MissingValues.isWord(field)
  }

  /// Examines a field.
  ///
  /// - Parameter isTraining: Whether it is included in the mean.
  mutating func add(
    _ fields: TableRow, isTraining: Bool, _ reader: TableReader
  ) throws(WeftError) {
    if !isCategorical, let value = reader.format.plainNumber(fields, index) {
      let index = index
      add(value, isTraining: isTraining, reader) { MissingValues.trimmed(fields[index]) }
      return
    }
    let field = fields[index]
    if isMissing(field, reader.format) {
      if let mark = reader.format.mark(of: field) { seenMarks.insert(mark) }
      hasMissing = true
      return
    }
    let text = MissingValues.trimmed(field)
    if let value = reader.format.number(text) {
      add(value, isTraining: isTraining, reader) { text }
    } else {
      if text.resemblesNumber || role == .input && NumberLookalike.matches(text) {
        lookalikeCount += 1
      } else {
        nameCount += 1
      }
      if firstName == nil { firstName = (text, reader.line) }
      lastNameLine = reader.line
      if text.utf8.contains(0) {
        throw reader.failure(
          "contains the character NUL; is the file damaged, or of another encoding?", column: name)
      }
      isNumeric = false
      addCategory(text)
    }
  }

  /// Examines a number.
  private mutating func add(
    _ value: Double, isTraining: Bool, _ reader: TableReader, text: () -> String
  ) {
    let line = reader.line
    numberCount += 1
    if numberCount == 1 { firstNumberLine = line }
    lastNumberLine = line
    if !reader.format.flags.isEmpty {
      let unit = reader.format.unit(of: text()) ?? ""
      if firstOfUnit[unit] == nil { firstOfUnit[unit] = (text(), line) }
    }
    precision.add(value, text(), line: line)
    if mayHaveThousands, case let text = text(), text.utf8.contains(UInt8(ascii: ".")) {
      mayHaveThousands = text.hasPointsOfThousands
      if firstThousands == nil { firstThousands = (text, line) }
    }
    if numberCount == 1 { firstNumber = value } else if value != lastNumber + 1 { countsRows = false }
    (total, lastNumber) = (total + value, value)
    outliers.add(value, text(), line: line)
    if isTraining {
      sum += value
      count += 1
    }
    if collectsNumbers { addCategory(text()) }
  }

  /// Whether numbers are names from the first row on, as those of classes may be.
  private var collectsNumbers: Bool { isCategorical || role == .target }

  /// Whether some values are names, so that numbers are names as well, which are still to be collected.
  var lacksNumbers: Bool { !isNumeric && !collectsNumbers && numberCount > 0 }

  /// Collects the value of a row as a name if it is a number.
  mutating func collectNumber(_ fields: TableRow, _ format: TableFormat) {
    let text = MissingValues.trimmed(fields[index])
    if !isMissing(text, format), format.number(text) != nil { addCategory(text) }
  }

  private mutating func addCategory(_ text: String) {
    if categories.count <= Self.maximumCategoryCount { categories.insert(text) }
  }

  /// Completes the first pass.
  ///
  /// - Parameters:
  ///   - wantsCategories: Whether to treat numbers as class names.
  ///   - keepsMissing: Whether missing names of an input are a category of their own.
  /// - Throws: If the values are neither numbers nor names.
  mutating func finish(
    wantsCategories: Bool, keepsMissing: Bool = false, _ reader: TableReader
  ) throws(WeftError) {
    let (path, wantsCategories) = (reader.path, wantsCategories || isCategorical)
    isNumeric = isNumeric && !wantsCategories
    if isNumeric, let firstExcess = precision.firstExcess {
      throw .data(
        "\(path): line \(firstExcess.line), column '\(name)': \(PrecisionSurvey.excess(firstExcess.text));"
          + " write the column in another unit, or use --missing-mark '\(firstExcess.text)' if it stands for a"
          + " missing value")
    }
    if isNumeric, firstOfUnit.count > 1 {
      let found = firstOfUnit.values.sorted { $0.line < $1.line }
      throw .data(
        "\(path): line \(found[1].line), column '\(name)': '\(found[1].text)' is of another unit than '\(found[0].text)' on line"
          + " \(found[0].line), which --flags would leave out; write plain numbers of one unit"
          + (firstOfUnit.keys.allSatisfy { ["", "k", "K", "M", "B"].contains($0) }
            ? ", as \(String.magnitudeCommand) does" : ""))
    }
    if !isNumeric {
      if !wantsCategories { try checkAreNames(reader) }
      guard categories.count <= Self.maximumCategoryCount else {
        let place = firstName.map { ", first on line \($0.line)" } ?? ""
        throw .data(
          "\(path): column '\(name)': contains more than \(Self.maximumCategoryCount) different"
            + " texts\(place); it can be neither numeric nor categorical"
        )
      }
      let areNumbers = categories.allSatisfy { Double($0)?.isFinite == true }
      names = areNumbers ? categories.sorted { (Double($0) ?? 0) < (Double($1) ?? 0) } : categories.sorted()
      if keepsMissing, hasMissing, role == .input {
        // After the others, whose numbers are the same without missing ones.
        missingNumber = names.firstIndex(of: Self.missingName) ?? names.count
        if missingNumber == names.count { names.append(Self.missingName) }
      }
      numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    }
    categories = []
  }

  /// A few texts among numbers are mistakes or marks rather than names; so are many that repeat among different numbers.
  ///
  /// - Throws: If most values, or most different ones, are numbers or look like some; and of inputs, if most texts occur
  ///   once.
  private func checkAreNames(_ reader: TableReader) throws(WeftError) {
    guard let firstName else { return }
    if let question = reader.separatorQuestion(categories.first { $0.contains("\t") } ?? firstName.text) {
      throw .data("\(reader.path): \(question)")
    }
    let all = numberCount + lookalikeCount + nameCount
    let (name, text) = (name.abridged, firstName.text.abridged)
    let place = "\(reader.path): line \(firstName.line), column '\(name)': '\(text)'"
    let alike = categories.count {
      reader.format.number($0) != nil || $0.resemblesNumber || NumberLookalike.matches($0)
    }
    // Classes may be ranges such as <=50K, but not many.
    let areDifferentNumbers =
      2 * alike > categories.count && (role == .input || alike >= Self.tellingCount)
    guard numberCount + lookalikeCount > nameCount || areDifferentNumbers else {
      if role == .input, all >= Self.tellingCount, 2 * categories.count > all {
        if Timestamp.value(firstName.text) != nil || !TimeFormat.suggestions(for: firstName.text).isEmpty {
          throw .data(
            "\(place) is a time; name the column of times with --time '\(name)' rather than in --inputs, or leave it out with"
              + " --skip '\(name)'")
        }
        throw .data(
          "\(place) is a name, as \(categories.count) different texts in \(all) rows are, too many for categories; leave"
            + " the column out with --skip '\(name)', use --categories '\(name)' if the values are names that repeat in other data, or read"
            + " texts with weft data text --text-field '\(name)'"
        )
      }
      return
    }
    let found =
      numberCount == 0
      ? "is not a number as Weft reads it" : "is not a number, but \(numberCount) of \(all) values are"
    throw .data(
      "\(place) \(found); \(advice(firstName, reader)), or --categories '\(name)' if the values are names"
        + (role == .input ? ", or --skip '\(name)' to leave them out" : ""))
  }

  /// How to go on with texts among numbers: a single one may be of a line that is no row, a few different ones are marks.
  private func advice(_ first: (text: String, line: Int), _ reader: TableReader) -> String {
    if numberCount > 1, lookalikeCount + nameCount == 1,
      !first.text.contains(where: \.isNumber) || first.line < 4
    {
      return
        "leave the line out with --skip-lines \(first.line) if it is no row, or \(advice(first.text, reader))"
    }
    if numberCount > 1, nameCount > 1, reader.isOfOneFile {
      let isAbove = lastNameLine < firstNumberLine
      if isAbove || first.line > lastNumberLine {
        let lines = isAbove ? "\(reader.headerLine + 1)-\(firstNumberLine - 1)" : "\(lastNumberLine + 1)-"
        return
          "leave the lines \(isAbove ? "above" : "below") the numbers out with --skip-lines \(lines) if they are no rows"
      }
    }
    if lookalikeCount == 0, numberCount > nameCount {
      let marks = categories.filter { reader.format.number($0) == nil }.sorted()
      if (2...5).contains(marks.count) {
        return "use " + marks.map { "--missing-mark '\($0)'" }.joined(separator: " ")
          + " if they stand for missing values"
      }
    }
    return advice(first.text, reader)
  }

  /// How to go on with a text among numbers.
  private func advice(_ text: String, _ reader: TableReader) -> String {
    let comma = reader.separator == UInt8(ascii: ",") ? "--separator , --decimal ," : "--decimal ,"
    if text.hasThousands {
      return "use --thousands , if the comma separates thousands, or \(comma) if it is a decimal one"
    }
    if text.hasQualityAfterComma {
      return
        "part the number and its mark of quality (NOAA), for example with frame['\(name)'].str.split(',', expand=True) of pandas"
    }
    if text.hasDecimalComma {
      return "use \(comma) for numbers with a decimal comma, unless it separates two values"
    }
    if let advice = text.numberAdvice { return advice }
    if reader.format.decimal == .comma, text.contains("."), Double(text)?.isFinite == true {
      return
        "leave --decimal , out if numbers have points; where columns of both kinds are used, write points in those with commas, as"
        + " frame['COLUMN'] = frame['COLUMN'].str.replace(',', '.') of pandas does"
    }
    if text.resemblesNumber || NumberLookalike.matches(text) {
      return "write plain numbers, without units, other signs or separators of thousands"
    }
    return "use --missing-mark '\(text)' if it stands for a missing value"
  }

  /// The smallest number; nil without any.
  var minimum: Double? { precision.minimum }

  /// Why the numbers are stored in double precision; nil if single precision is enough.
  var precisionNote: String? { isNumeric ? precision.note(of: "column '\(name)'") : nil }

  /// A note on numbers that are all the same, or missing, so that there is nothing to learn from them.
  var constantNote: String? {
    if numberCount == 0, isNumeric { return "column '\(name)' has no value" }
    guard isNumeric, numberCount > 1, let minimum, minimum == precision.maximum else { return nil }
    return "column '\(name)' has the same value in all rows, \(NumberText.json(minimum))"
      + OutlierSurvey.advice(forAll: minimum)
  }

  /// A note on numbers that count the rows, as an index does; nil for others.
  var countNote: String? {
    guard isNumeric, !isCategorical, countsRows, numberCount >= Self.tellingCount,
      firstNumber == 0 || firstNumber == 1
    else { return nil }
    return
      "column '\(name)' counts the rows, from \(NumberText.json(firstNumber)) on; leave it out of --inputs if it is an index"
  }

  /// The first number with points that may separate thousands, as all of them may; nil if there is none.
  var thousands: (text: String, line: Int)? { mayHaveThousands ? firstThousands : nil }

  /// Whether the last number is the sum of the others, of which there are several.
  var endsWithSum: Bool {
    let others = total - lastNumber
    return numberCount > 4 && lastNumber != 0 && minimum != precision.maximum
      && abs(others - lastNumber) <= 1e-9 * abs(lastNumber)
  }

  /// Numbers that may stand for missing values.
  var doubts: [(column: String, doubt: OutlierSurvey.Doubt)] {
    guard isNumeric, !isCategorical else { return [] }
    let marks = outliers.doubts(of: "column '\(name)'")
    let ends = outliers.ends(
      of: "column '\(name)'", lines: firstNumberLine...max(firstNumberLine, lastNumberLine))
    return (marks.isEmpty ? ends : marks).map { (name, $0) }
  }

  /// Forgets the mean, so that it can be computed of other rows.
  mutating func resetMean() { (sum, count) = (0, 0) }

  /// Includes a row in the mean.
  mutating func addToMean(_ fields: TableRow, _ format: TableFormat) {
    guard isNumeric, let value = value(fields, format) else { return }
    sum += value
    count += 1
  }

  /// The mean of the training values; nil if there is none.
  var mean: Double? { count > 0 && isNumeric ? sum / Double(count) : nil }

  /// The value of a row; nil if it is missing.
  func value(_ fields: TableRow, _ format: TableFormat) -> Double? {
    if isNumeric { return format.number(fields, index) }
    let field = fields[index]
    return isMissing(field, format) ? nil : numbers[MissingValues.trimmed(field)].map(Double.init)
  }

  /// For example `column 'city': 3 categories (Berlin, Paris, Rome)`; nil for numbers.
  var note: String? {
    if isNumeric { return nil }
    let count = names.count == 1 ? "1 category" : "\(names.count) categories"
    let shown = names.prefix(5).map(\.abridged).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
    let missing = missingNumber == nil ? "" : "; missing names are one of their own, \(Self.missingName)"
    return "column '\(name)': \(count) (\(shown))\(caseNote)\(missing)\(markNote)"
  }

  /// What follows a number of names of which one may stand for a missing value; empty for others.
  var markNote: String {
    if isCategorical { return "" }
    let mark = names.first { $0 != Self.missingName && MissingValues.isDoubtful($0) }
    guard let mark, names.contains(where: { $0.contains { $0.isLetter || $0.isNumber } && $0 != mark }) else {
      return ""
    }
    return "; use --missing-mark '\(mark.abridged)' if '\(mark.abridged)' stands for a missing value"
  }

  /// What follows a number of names of which two are the same but for the case of letters; empty for others.
  var caseNote: String {
    var seen: [String: String] = [:]
    for name in names {
      if let other = seen.updateValue(name, forKey: name.lowercased()) {
        return ", of which '\(other)' and '\(name)' differ in case alone"
      }
    }
    return ""
  }
}

import Foundation
import HDF5
import TestSupport
import Testing

@testable import DatasetTools

/// What the values of a column are: numbers, names, marks of missing values, or texts that are none of them.
@Suite("Columns of tables") struct TableColumnTests {
  private static func convert(
    _ cells: [String], targets: Bool = false, _ change: (inout TableDataset) -> Void = { _ in }
  ) throws -> (values: [Float], notes: [String], complaint: String) {
    let fixture = try Fixture()
    defer { withExtendedLifetime(fixture) {} }
    let rows = cells.enumerated().map { "\($0);\($1)\n" }
    let path = try fixture.write("t;x\n" + rows.joined(), "t.csv")
    var dataset = TableDataset(file: path, inputs: targets ? ["t"] : ["x"])
    if targets { dataset.targets = ["x"] }
    dataset.format.separator = UInt8(ascii: ";")
    change(&dataset)
    do {
      let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
      let name = targets ? "targets" : "inputs"
      return (try file.dataset("train/\(name)").read(as: Float.self), summary.notes, "")
    } catch {
      return ([], [], "\(error)")
    }
  }

  /// Numbers with what people write beside them.
  @Test(arguments: [
    "0.21M", "2.3 kWh", "21°C", "5 min", "<0.5", "(1.5)", "USD 3", "$3", "0.2*", "1.5D+02", "3 km/h",
    "12 m2", "~5",
    "≥ 2", "1.5e3 V", "1 234 EUR", "5%", "US$ 7", "2,5 l",
  ])
  func numbersWithUnitsAreNotNames(_ sample: String) throws {
    // The same form with other numbers.
    let digits = try #require(sample.firstIndex { $0.isNumber })
    let cells = (1...9).map { sample.replacingCharacters(in: digits...digits, with: "\($0)") }
    let (_, _, complaint) = try Self.convert(cells + cells)
    #expect(
      complaint.contains("line 2, column 'x': '\(cells[0])' is not a number as Weft reads it"), "\(complaint)"
    )
    #expect(complaint.contains("or --categories 'x' if the values are names"), "\(complaint)")
    let named = try Self.convert(cells + cells) { $0.categories = ["x"] }
    #expect(Set(named.values).count == 9, "\(named.complaint)")
    // As targets, many are refused and few are classes.
    let many = (1...30).map { sample.replacingCharacters(in: digits...digits, with: "\($0 * 11)") }
    #expect(try Self.convert(many, targets: true).complaint.contains("is not a number"))
  }

  /// The expression says what numbers with separators and signs are; to match it takes 0.2 ms, which a column of a million
  /// names cannot afford.
  @Test func textsLikeNumbersAreThoseOfTheExpression() {
    var random = SplitMix(seed: 1)
    let characters = Array("01239.,'_ \u{A0}\t+-$€£¥%#k北")
    var alike = 0
    for _ in 0..<4000 {
      let text = String(
        (0..<Int.random(in: 1...6, using: &random)).map { _ in
          characters.randomElement(using: &random) ?? " "
        })
      guard let first = text.unicodeScalars.first, !first.isASCII || "$+-0123".unicodeScalars.contains(first)
      else { continue }
      let isMeant =
        text.wholeMatch(of: /[$€£¥]?\s?[+-]?[0-9][0-9.,'_ \u{A0}]*\s?[%$€£¥]?/) != nil || Double(text) != nil
        || text.areSeveralNumbers
      if isMeant { alike += 1 }
      #expect(text.resemblesNumber == isMeant, "'\(text)'")
    }
    #expect(alike > 200)
  }

  @Test(arguments: [
    ["A12", "A7", "B12"], ["cat1", "cat2", "cat10"], ["1st", "2nd", "3rd"], ["18-25", "26-35", "36-45"],
    ["3f2a", "9b1c", "0d4e"], ["red", "green", "blue"], ["S", "M", "38"], ["-", "+", "."],
    ["Zone 1", "Zone 2", "Zone 3"],
    ["2026-01-01", "2026-01-02", "2026-01-03"], ["A1", "US", "R2D2"],
  ])
  func namesStayCategories(_ names: [String]) throws {
    let cells = (0..<60).map { names[$0 * 7 % 3] }
    let (values, notes, complaint) = try Self.convert(cells)
    let order = names.sorted()
    #expect(values == cells.map { cell in Float(order.firstIndex(of: cell) ?? -1) }, "\(complaint)")
    #expect(notes.first == "column 'x': 3 categories (\(order.joined(separator: ", ")))")
    // What a model of names alone can learn.
    #expect(notes.dropFirst().allSatisfy { $0.hasPrefix("there is no target; --next x makes the name") })
  }

  @Test(arguments: ["\\:30", "\\:15:30"]) func timesOfDayAreNotNames(form: String) throws {
    let cells = (0..<48).map { form.replacing("\\", with: "\($0 % 24)") }
    #expect(try Self.convert(cells).complaint.contains("'\(cells[0])' is not a number as Weft reads it"))
    #expect(try Self.convert(cells, targets: true).complaint.contains("is not a number"))
    #expect(try Self.convert(cells.map { $0 + ":00:00" }).values.count == 48)
  }

  @Test func rangesAreClasses() throws {
    let cells = (0..<60).map { $0 % 3 == 0 ? "<=50K" : ">50K" }
    #expect(try Self.convert(cells, targets: true).values == cells.map { $0 == "<=50K" ? 0 : 1 })
    #expect(try Self.convert(cells).complaint.contains("'<=50K' is not a number"))
  }

  @Test(arguments: ["ND", ".", "-", "--", "missing"])
  func marksThatPrevailAreNotNames(mark: String) throws {
    let cells = (0..<60).map { $0 % 3 == 2 ? "\($0).5" : mark }
    let (_, _, complaint) = try Self.convert(cells)
    #expect(
      complaint.contains(
        "line 2, column 'x': '\(mark)' is not a number, but 20 of 60 values are; use --missing-mark"),
      "\(complaint)")
    let marked = try Self.convert(cells) { ($0.format.missingMarks, $0.missing) = ([mark], .drop) }
    #expect(marked.values.count == 20 && marked.values[0] == 2.5)
  }

  @Test func differentTextsAreNoCategories() throws {
    func word(_ number: Int) -> String {
      String(
        String.UnicodeScalarView("\(number)".unicodeScalars.map { Unicode.Scalar($0.value + 49) ?? "a" }))
    }
    let (_, _, complaint) = try Self.convert((100..<130).map(word))
    #expect(
      complaint.contains("'baa' is a name, as 30 different texts in 30 rows are, too many for categories"),
      "\(complaint)")
    #expect(
      try Self.convert((100..<130).map(word)) { $0.categories = ["x"] }.values == (0..<30).map(Float.init))
    // Half of the rows, and tables too short to tell.
    #expect(try Self.convert((0..<30).map { word(100 + $0 / 2) }).values.count == 30)
    #expect(try Self.convert((100..<119).map(word)).values.count == 19)
  }

  @Test(arguments: [
    ("-200", ["1", "-200,0", "-200", "-2E2"]), ("-999", ["1", "-999,0", "-999,00", "-999"]),
    ("-999,0", ["1", "-999", "-999,00", "-999,0"]), ("-999.0", ["1", "-999", "-999", "-999,0"]),
  ])
  func marksThatAreNumbersAreComparedAsNumbers(mark: String, cells: [String]) throws {
    let found = try Self.convert(cells) {
      ($0.format.missingMarks, $0.format.decimal, $0.missing) = ([mark], .comma, .forward)
    }
    #expect(found.values == [1, 1, 1, 1], "\(found.complaint)")
    #expect(found.notes == ["filled in 3 missing values (forward)"])
  }

  @Test func marksThatDoNotOccurAreTold() throws {
    let found = try Self.convert(["1", "2"]) { $0.format.missingMarks = ["-200", "k.A."] }
    #expect(
      found.notes == [
        "--missing-mark '-200' does not occur in the columns",
        "--missing-mark 'k.A.' does not occur in the columns",
      ])
    let both = try Self.convert(["1", "-200.0"]) {
      ($0.format.missingMarks, $0.missing) = (["-200", "-200.0"], .drop)
    }
    #expect(both.notes == ["omitted a row with missing values"])
  }

  @Test func numbersBeyondSinglePrecisionAreRefused() throws {
    for cell in ["1e39", "-3.5e38"] {
      let found = try Self.convert(["1", cell, "2"])
      #expect(
        found.complaint.contains("line 3, column 'x': \(cell) exceeds the range of 32-bit numbers, 3.4e38"),
        "\(found.complaint)")
    }
    #expect(try Self.convert(["1", "3.4028234e38"]).values == [1, 3.4028234e38])
    let marked = try Self.convert(["1", "1e39"]) { ($0.format.missingMarks, $0.missing) = (["1e39"], .drop) }
    #expect(marked.values == [1])
    #expect(try Self.convert(["1", "1e39"]) { $0.categories = ["x"] }.values == [0, 1])
  }

  /// In a column of words, `NA`, `null`, `nan` and `None` are words.
  @Test func wordsThatMarkMissingValuesElsewhere() throws {
    let words = ["NA", "null", "nan", "None", "the", "dog"]
    let order = words.sorted()
    let (values, notes, complaint) = try Self.convert(words + words) { $0.categories = ["x"] }
    #expect(values == (words + words).map { Float(order.firstIndex(of: $0) ?? -1) }, "\(complaint)")
    #expect(notes.contains { $0.hasPrefix("column 'x': 6 categories") }, "\(notes)")
    // Nothing at all is missing, and so is what the user names.
    let empty = try Self.convert(words + [""]) { $0.categories = ["x"] }
    #expect(empty.complaint.contains("line 8, column 'x': missing value"), "\(empty.complaint)")
    let marked = try Self.convert(words) {
      ($0.categories, $0.format.missingMarks, $0.missing) = (["x"], ["null"], .drop)
    }
    #expect(marked.values.count == 5, "\(marked.complaint)")
    // Elsewhere the error tells how to keep them.
    let (_, _, loud) = try Self.convert(["the", "None", "dog", "the", "dog"])
    #expect(
      loud.contains(
        "line 3, column 'x': missing value; handle missing values with --missing forward, mean, drop or keep, or use"
          + " --categories 'x' if 'None' is a name"), "\(loud)")
    #expect(try Self.convert(["1", "NA", "3"]).complaint.contains("missing value"))
  }
}

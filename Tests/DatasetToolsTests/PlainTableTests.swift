import Foundation
import HDF5
import TestSupport
import Testing
import WeftBase

@testable import DatasetTools

/// Lines, numbers and times as most tables have them are read by shorter ways than others, with the same result.
@Suite struct PlainTableTests {
  private static func rows(_ path: String) throws -> [[String]] {
    let reader = try TableReader(path)
    var rows: [[String]] = []
    while let row = try reader.next() { rows.append(Array(row)) }
    return rows
  }

  /// The standard library reads numbers as C does.
  @Test func numbersAreThoseOfTheStandardLibrary() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      let digits = (0..<Int.random(in: 1...20, using: &generator)).map { _ in
        Character("\(Int.random(in: 0...9, using: &generator))")
      }
      let point = Int.random(in: 0...digits.count, using: &generator)
      let text =
        ["", "-", "+"].randomElement(using: &generator)! + String(digits[..<point])
        + (Bool.random(using: &generator) ? "." : "") + String(digits[point...])
      guard let value = PlainNumber.value(text.utf8.span, decimal: UInt8(ascii: ".")) else {
        // Numbers of many digits, and those that begin or end with the mark, are for the standard library.
        #expect(digits.count > 15 || point == 0 || point == digits.count, "\(text)")
        continue
      }
      #expect(value.bitPattern == Double(text)?.bitPattern, "\(text)")
    }
    let comma = UInt8(ascii: ",")
    #expect(PlainNumber.value(" -12,75\t".utf8.span, decimal: comma) == -12.75)
    for text in ["", "-", " ", "1.5", "1,5,2", "1e5", "0x10", "1_0", "1 2", "nan", "१", "--1", "1-"] {
      #expect(PlainNumber.value(text.utf8.span, decimal: comma) == nil, "\(text)")
    }
  }

  /// Times with `Z` are read the longer way.
  @Test func timesAreThoseOfISO8601() {
    for text in [
      "1970-01-01", "2024-02-29 23:59", "2024-02-29T23:59:59", "0001-01-01 00:00:00", "1899-12-31 12:34",
      "2023-02-29 10:00:00", "2024-13-01", "2024-1a-01", "20a4-01-01 00:00", "2024-01-01 25:00:00",
      "2024-01-01 10:61:00", "2024-01-01_10:00", "2024-01-01 10-00", "2024-01-00", "2024/01/01 10:00",
    ] {
      let long = text.count == 10 ? text + "T00:00Z" : text + "Z"
      #expect(Timestamp.value(text) == Timestamp.value(long), "\(text)")
    }
    #expect(Timestamp.value("2024-02-29 23:59:59") == 1_709_251_199)
    #expect(Timestamp.value("2024-01-01 24:00") == 1_704_153_600)
  }

  /// Quoted fields are read byte by byte, and across the blocks in which the file is read.
  @Test(arguments: ["\n", "\r\n", "\r\r\n"]) func linesAreThoseOfQuotedFields(end: String) throws {
    let fixture = try Fixture()
    let texts = ["", "1", "-2.5", " x ", "é", "a;b", "0123456789012345678901234567890", "\u{1F600}"]
    var generator = SystemRandomNumberGenerator()
    let rows =
      (0..<9000).map { _ in (0..<5).map { _ in texts.randomElement(using: &generator)! } } + [
        ["end", "1", "2", "3", "4"]
      ]
    func written(_ name: String, quoted: Bool) throws -> String {
      let lines = ([["a", "b", "c", "d", "e"]] + rows).map { row in
        row.map { quoted ? "\"\($0)\"" : $0 }.joined(separator: ",")
      }
      return try fixture.write(lines.joined(separator: end), name)
    }
    let (plain, quoted) = (try written("plain.csv", quoted: false), try written("quoted.csv", quoted: true))
    #expect(try Data(contentsOf: URL(filePath: plain)).count > 1 << 18)
    #expect(try Self.rows(plain) == rows)
    #expect(try Self.rows(quoted) == rows)
  }

  @Test func linesOfOtherLengthsAreNamed() throws {
    let fixture = try Fixture()
    let lines = (0..<1000).map { "\($0),1" }.joined(separator: "\n")
    let path = try fixture.write("a,b\n\(lines)\n1,2,3\n", "t.csv")
    let error = #expect(throws: WeftError.self) { try Self.rows(path) }
    #expect(
      error?.description.contains("line 1002: has 3 fields, but the first line names 2 columns") == true)
  }

  /// Numbers are not kept while a column has no name, and are names as soon as it has one.
  @Test func numbersAmongNamesAreNames() throws {
    let fixture = try Fixture()
    let cells = ["7", "07", "7"] + (0..<30).map { ["north", "south"][$0 % 2] }
    let path = try fixture.write("x,y\n" + cells.map { "\($0),1\n" }.joined(), "t.csv")
    let dataset = TableDataset(file: path, inputs: ["x", "y"])
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("categories/x").read(as: String.self) == ["07", "7", "north", "south"])
    #expect(try file.dataset("train/inputs").read(as: Float.self).prefix(8) == [1, 1, 0, 1, 1, 1, 2, 1])
  }
}

import Foundation
import HDF5
import TestSupport
import Testing

@testable import DatasetTools
@testable import WeftBase

/// Tables in the forms of public data sets, made by `Fixtures/Tables/make_tables.py`, against what pandas reads.
@Suite("Published tables") struct PublishedTableTests {
  /// A table, how to read it, and what pandas reads.
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    var file: String
    var values: [Double?]
    var times: [Double]?
    var inputs: [String]
    var time: String?
    var timeFormat: String?
    var zone: String?
    var group: String?
    var separator: String?
    var decimal: String?
    var thousands: String?
    var encoding: String?
    var flags: [String]?
    var marks: [String]?
    var skip: [Int]?
    var missing: String?
    /// Part of a note, and of the error if there is one.
    var note: String?
    var error: String?

    var testDescription: String { file }

    func dataset() throws -> TableDataset {
      var dataset = TableDataset(file: Fixture.path("Tables/\(file)"), inputs: inputs)
      (dataset.time, dataset.group) = (time, group)
      if let timeFormat { try dataset.timeReading.setFormat(timeFormat) }
      dataset.timeReading.zone = try zone.map { try #require(TimeZone(identifier: $0)) }
      dataset.format.separator = separator?.utf8.first
      if let decimal { dataset.format.decimal = try #require(DecimalMark(rawValue: decimal)) }
      dataset.format.thousands = thousands?.first
      if let encoding { dataset.format.encoding = try #require(TableEncoding(rawValue: encoding)) }
      (dataset.format.missingMarks, dataset.format.flags) = (Set(marks ?? []), Set(flags ?? []))
      dataset.format.skippedLines = (skip ?? []).map { $0...$0 }
      if let missing { dataset.missing = try #require(MissingValues(rawValue: missing)) }
      return dataset
    }
  }

  private static let cases: [Case] = {
    guard let data = FileManager.default.contents(atPath: Fixture.path("Tables/tables.json")),
      let cases = try? JSONDecoder().decode([Case].self, from: data)
    else { preconditionFailure("make_tables.py writes tables.json") }
    return cases
  }()

  @Test(arguments: cases) func whatPandasReads(_ table: Case) throws {
    let fixture = try Fixture()
    let dataset = try table.dataset()
    if let error = table.error {
      let found = fixture.failure { try dataset.write(to: $0, progress: $1) }
      #expect(found.contains(error), "\(found)")
      return
    }
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let values = try file.dataset("train/inputs").read(as: Double.self)
    let isSingle = try !"\(file.dataset("train/inputs").datatype)".contains("64")
    try #require(values.count == table.values.count, "\(summary.notes)")
    for (place, (value, wanted)) in zip(values, table.values).enumerated() {
      let rounded = wanted.map { isSingle ? Double(Float($0)) : $0 }
      #expect(rounded.map { $0 == value } ?? value.isNaN, "value \(place): \(value), not \(wanted ?? .nan)")
    }
    if let times = table.times { #expect(try file.dataset("train/time").read(as: Double.self) == times) }
    if let note = table.note { #expect(summary.notes.contains { $0.contains(note) }, "\(summary.notes)") }
  }

  /// Marks of missing values are told also where pandas leaves them in.
  @Test func notesAreOfTheseTablesAlone() throws {
    // No other column has numbers that look like marks, or a last row like a total.
    for table in Self.cases where table.note == nil && table.error == nil {
      let fixture = try Fixture()
      let (_, summary) = try fixture.make { try table.dataset().write(to: $0, progress: $1) }
      #expect(
        !summary.notes.contains { $0.contains("far from all others") || $0.contains("is the sum of") },
        "\(table.file): \(summary.notes)")
    }
  }
}

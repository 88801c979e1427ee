import Foundation
import TestSupport
import Testing

@testable import DatasetTools

/// Rows of alternating groups are read as if each group's were together, however few fit into memory at a time.
@Suite struct RowOrderTests {
  private struct Row {
    var group: Int
    var time: Int
    var text: String

    var line: String { "\(group),\(time),\"\(text)\"" }
    var fields: [String] { ["\(group)", "\(time)", text] }
  }

  enum Order: CaseIterable { case gathered, newestFirst, sorted }

  @Test(arguments: Order.allCases, 1...6) func rowsAreThoseOfASortedTable(order: Order, seed: Int) throws {
    var generator = SplitMix(seed: UInt64(seed))
    let fixture = try Fixture()
    let groups = Int.random(in: 2...12, using: &generator)
    var rows: [Row] = []
    for time in 0..<Int.random(in: 20...60, using: &generator) {
      let text = ["plain", "two\nlines", "com,ma", ""].randomElement(using: &generator) ?? ""
      rows.append(Row(group: Int.random(in: 0..<groups, using: &generator), time: time, text: text))
    }
    // Two groups alternate at least.
    rows += [Row(group: rows[0].group, time: 60, text: ""), Row(group: groups, time: 61, text: "")]
    rows += [Row(group: rows[0].group, time: 62, text: "last")]
    switch order {
    case .gathered: break
    case .newestFirst: rows.reverse()
    case .sorted: rows.shuffle(using: &generator)
    }
    // Two files, of which the first has empty lines, and the second does not end with a line feed.
    let half = rows.count / 2
    let ending = seed % 2 == 0 ? "\n" : "\r\n"
    let first = rows[..<half].map { $0.line + ending + ($0.time % 3 == 0 ? ending : "") }.joined()
    let second = rows[half...].map(\.line).joined(separator: ending)
    let paths = [
      try fixture.write("g,t,x" + ending + first, "1.csv"),
      try fixture.write("g,t,x" + ending + second, "2.csv"),
    ]
    var survey = RowOrderSurvey(sorts: order == .sorted)
    func reader() throws -> TableReader { try TableReader(paths, format: TableFormat()) }
    let all = try reader()
    while let row = try all.next() {
      survey.add(
        group: row[0], time: Double(row[1]), isKnown: true, offset: all.rowOffset, line: all.line)
    }
    let found = try #require(survey.order)
    let appearance = rows.map(\.group).reduce(into: [Int]()) { if !$0.contains($1) { $0.append($1) } }
    let expected = appearance.flatMap { group in
      let own = rows.filter { $0.group == group }
      return order == .gathered ? own : own.sorted { $0.time < $1.time }
    }
    for limit in [1, 40, 300, 1 << 20] {
      let ordered = OrderedRows(try reader(), found, limit: limit)
      var read: [[String]] = []
      while let row = try ordered.next() { read.append(Array(row.dropLast())) }
      #expect(read == expected.map(\.fields), "limit \(limit)")
    }
  }
}

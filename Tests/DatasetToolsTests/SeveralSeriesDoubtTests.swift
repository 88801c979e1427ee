import DatasetTools
import TestSupport
import Testing

/// Tables of several series that are read as one.
@Suite struct SeveralSeriesDoubtTests {
  /// Rows of several series, in blocks or in turns, of which no option tells.
  @Test func panelsThatAreReadAsOneSeriesAreTold() throws {
    let days = (1...9).map { "2021-01-0\($0)" }
    func notes(_ names: String, _ rows: [String]) throws -> [String] {
      let fixture = try Fixture()
      let text = names + "\n" + rows.joined(separator: "\n") + "\n"
      let dataset = TableDataset(file: try fixture.write(text, "t.csv"), inputs: ["x"])
      return try fixture.make { try dataset.write(to: $0, progress: $1) }.summary.notes
    }
    func repeated(_ column: String) -> String {
      "the rows are read as one series, but times of 'day' repeat for several values of '\(column)'; if these are series of"
        + " their own, use --group \(column) --time day"
    }
    let blocks = ["A", "B", "C"].flatMap { shop in days.enumerated().map { "\(shop),\($1),\($0).5" } }
    #expect(try notes("region,day,x", blocks).contains(repeated("region")))
    let turns = days.enumerated().flatMap { number, day in [7, 8, 9].map { "\($0),\(day),\(number).5" } }
    #expect(try notes("store,day,x", turns).contains(repeated("store")))
    // Hours of a day are no series, nor is a state that comes and goes.
    let hours = days.prefix(2).flatMap { day in (0..<24).map { "\($0),\(day),\($0).5" } }
    #expect(try !notes("hour,day,x", hours).contains { $0.contains("--group") })
    let states = days.enumerated().map { "\($0 / 3 % 2 == 0 ? "on" : "off"),\($1),\($0).5" }
    #expect(try !notes("state,day,x", states).contains { $0.contains("--") })
    let unordered = ([2, 0, 1] + Array(3..<9)).map { "1,\(days[$0]),\($0).5" }
    #expect(
      try notes("y,day,x", unordered).contains {
        $0.hasPrefix("the times of 'day' go back once, on line 3; --time day --sort sorts the rows")
      })
    let reversed = days.reversed().enumerated().map { "\($0),\($1),\($0).5" }
    #expect(try notes("y,day,x", reversed).contains { $0.hasPrefix("the times of 'day' descend") })
    let units = (1...3).flatMap { unit in (1...9).map { "\(unit),\($0),\($0).5" } }
    #expect(
      try notes("unit,cycle,x", units).contains(
        "the rows are read as one series, but 'unit' has 3 values, one after the other; if they are series of their own, use"
          + " --group unit"))
  }
}

import DatasetTools
import Foundation
import HDF5
import TestSupport
import Testing

/// Inputs that tell the target of their own row, with which a model learns nothing else.
@Suite("Inputs that tell the target") struct TellingInputTests {
  private static func notes(
    _ names: String, _ rows: [String], _ change: (inout TableDataset) -> Void = { _ in }
  ) throws -> [String] {
    let fixture = try Fixture()
    let text = names + "\n" + rows.map { $0 + "\n" }.joined()
    var dataset = TableDataset(file: try fixture.write(text, "t.csv"), inputs: ["*"])
    dataset.targets = ["y"]
    change(&dataset)
    return try fixture.make { try dataset.write(to: $0, progress: $1) }.summary.notes
      .filter { $0.hasPrefix("the target") }
  }

  private static let advice = "in all rows; leave out of --inputs what is not known when it is predicted"

  /// Riders of the bike-sharing table, casual and registered ones, of which there are as many as are counted.
  @Test func sums() throws {
    let rows = (0..<60).map { row in
      let (casual, registered) = (row * 7 % 11, row * 13 % 97)
      return "\(row % 5).5,\(casual),\(registered),\(casual + registered)"
    }
    #expect(
      try Self.notes("temp,casual,registered,y", rows)
        == ["the target 'y' is the sum of the inputs 'casual' and 'registered' \(Self.advice)"])
    // One row that differs is enough.
    #expect(try Self.notes("temp,casual,registered,y", rows + ["1,2,3,6"]).isEmpty)
    #expect(try Self.notes("temp,casual,registered,y", rows) { $0.skipped = ["cas*"] }.isEmpty)
    // Sums of fractions are rounded.
    let tenths = (0..<60).map { row in
      let (one, other) = (row * 7 % 11, row * 13 % 97)
      return "\(one / 10).\(one % 10),\(other / 10).\(other % 10),\((one + other) / 10).\((one + other) % 10)"
    }
    #expect(try Self.notes("a,b,y", tenths).count == 1)
  }

  @Test func copies() throws {
    let rows = (0..<60).map { "\($0 * 7 % 59),\($0 % 3),,\($0 * 7 % 59).0" }
    let found = try Self.notes("price,day,empty,y", rows) { $0.missing = .keep }
    #expect(found == ["the target 'y' is a copy of the input 'price' \(Self.advice)"])
    // The same number in all rows tells nothing, and neither do few rows.
    #expect(try Self.notes("a,b,y", (0..<60).map { "5,\($0),5" }).isEmpty)
    #expect(try Self.notes("a,y", (0..<15).map { "\($0),\($0)" }).isEmpty)
  }

  /// Tomorrow's price as target, which is no regression, also of several shares.
  @Test(arguments: [false, true]) func nextValues(areGroups: Bool) throws {
    func price(_ day: Int) -> Int { day * 7919 % 101 }
    let shares = areGroups ? ["a", "b"] : ["a"]
    let rows = shares.enumerated().flatMap { number, share in
      (0..<60).map { day in
        "\(share),\(price(day + 50 * number)),\(day % 7),\(price(day + 50 * number + 1))"
      }
    }
    let found = try Self.notes("share,close,volume,y", rows) {
      $0.group = "share"
      $0.skipped = ["share"]
    }
    #expect(
      found == [
        "the target 'y' is the next value of the input 'close' in all rows; to forecast it from the values before, use"
          + " --horizon 1 --configuration FILE.yaml instead of --targets, and leave 'y' out of --inputs"
      ])
    #expect(
      try Self.notes("share,close,volume,y", rows + ["c,1,2,3", "c,4,5,6"]) {
        $0.group = "share"
        $0.skipped = ["share"]
      }.isEmpty)
  }

  /// The kind of attack of UNSW-NB15, of which one is `Normal`, tells whether there is one.
  @Test func names() throws {
    let kinds = ["Normal", "DoS", "Worms", "Normal", "Fuzzers"]
    let rows = (0..<80).map { row in
      let kind = kinds[row * 7 % 5]
      return "\(row * 31 % 17),\(row % 2 == 0 ? "tcp" : "udp"),\(kind),\(kind == "Normal" ? 0 : 1)"
    }
    let note = "the target 'y' has one value for each of the 4 values of the input 'kind' \(Self.advice)"
    #expect(try Self.notes("dur,proto,kind,y", rows) { $0.targetsAreClasses = true } == [note])
    #expect(try Self.notes("dur,proto,kind,y", rows) == [note])
    #expect(try Self.notes("dur,proto,kind,y", rows + ["1,tcp,DoS,0"]).isEmpty)
    // Few rows of each, and targets of whole groups, of which each has its own.
    #expect(try Self.notes("kind,y", (0..<30).map { "k\($0 % 15),\($0 % 15 % 2)" }).isEmpty)
    let groups = (0..<100).map { "\($0 / 20),k\($0 / 20),\($0 / 20 % 2)" }
    #expect(
      try Self.notes("id,kind,y", groups) {
        ($0.inputs, $0.group, $0.targetPer) = (["kind"], "id", .group)
      }.isEmpty)
  }
}

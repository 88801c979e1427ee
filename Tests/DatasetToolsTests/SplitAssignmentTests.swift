import DatasetTools
import HDF5
import TestSupport
import Testing

@testable import WeftBase

/// Splits by what a file says, and by what must stay together.
@Suite struct SplitAssignmentTests {
  /// 60 sequences of 3 steps; sequence i has the value i, the speaker i / 5 and one of two classes, one of them rare.
  private static func make(_ fixture: Fixture) throws -> String {
    let path = fixture.path("data.h5")
    let file = try File(creating: path)
    try file.createGroup("train")
    try file.write("train/inputs", (0..<180).map { Float($0 / 3) }, shape: [60, 3, 1])
    try file.write("train/targets", (0..<60).map { Int32($0 % 10 == 0 ? 1 : 0) })
    try file.write("train/speaker", (0..<60).map { "speaker \($0 / 5)" })
    try file.write("train_idx", Array(0..<50))
    try file.write("test_idx", Array(50..<58))
    try file.write("where", (0..<60).map { $0 < 40 ? "Train" : $0 < 50 ? "valid" : "holdout" })
    try file.write("number", (0..<60).map { Int8($0 % 3) })
    try file.write("overlap", [57, 58])
    try file.write("beyond", [60])
    try file.close()
    return path
  }

  /// The numbers of the sequences of each split.
  private static func split(
    _ assignment: SplitAssignment, _ fixture: Fixture, _ path: String
  ) throws -> [String: [Int]] {
    let splitter = DatasetSplitter(file: path, assignment: assignment)
    let (file, summary) = try fixture.make { try splitter.write(to: $0, progress: $1) }
    return try Dictionary(
      uniqueKeysWithValues: summary.splits.map { split in
        let values = try file.dataset("\(split.name)/inputs").read(as: Int.self)
        let items = stride(from: 0, to: values.count, by: 3).map { values[$0] }
        // Everything of a sequence stays with it.
        #expect(
          try file.dataset("\(split.name)/speaker").read(as: String.self) == items.map { "speaker \($0 / 5)" }
        )
        #expect(
          try file.dataset("\(split.name)/targets").read(as: Int.self) == items.map { $0 % 10 == 0 ? 1 : 0 })
        return (split.name, items)
      })
  }

  @Test func indexArraysAndNamesAreFollowed() throws {
    let fixture = try Fixture()
    let path = try Self.make(fixture)
    func array(_ split: String, _ dataset: String) -> SplitAssignment.IndexArray {
      SplitAssignment.IndexArray(split: split, dataset: dataset)
    }
    let indexed = try Self.split(
      .indices([array("train", "train_idx"), array("test", "test_idx")]), fixture, path)
    #expect(indexed == ["train": Array(0..<50), "test": Array(50..<58)])
    let named = try Self.split(.names("where"), fixture, path)
    #expect(named == ["train": Array(0..<40), "validation": Array(40..<50), "holdout": Array(50..<60)])
    let numbered = try Self.split(.names("number"), fixture, path)
    #expect(numbered["test"] == (0..<60).filter { $0 % 3 == 2 })
    for (other, message) in [
      ("overlap", "data.h5: dataset overlap: sequence 57 is also in 'test'"),
      ("beyond", "data.h5: dataset beyond: number 60 at 0 is not between 0 and 59; sequences count from 0"),
      ("none", "data.h5: no dataset or attribute 'none'"),
    ] {
      let failure = fixture.failure {
        try DatasetSplitter(
          file: path, assignment: .indices([array("test", "test_idx"), array("validation", other)])
        ).write(to: $0, progress: $1)
      }
      #expect(failure.contains(message), "\(failure)")
    }
  }

  /// Three speakers seldom lie in three splits by chance; the seed that the message names does it, as these counts of
  /// speakers do.
  @Test func fewGroupsAreTold() throws {
    let fixture = try Fixture()
    let path = fixture.path("few.h5")
    let file = try File(creating: path)
    try file.createGroup("train")
    try file.write("train/inputs", (0..<90).map { Float($0) }, shape: [30, 3, 1])
    try file.write("train/speaker", (0..<30).map { "speaker \($0 / 10)" })
    try file.write("train/recording", (0..<30).map { "\($0 / 15)" })
    try file.close()
    func splitter(_ seed: UInt64, _ dataset: String = "speaker") throws -> DatasetSplitter {
      DatasetSplitter(
        file: path, assignment: .groups(try SplitPlan("0.8,0.1,0.1", seed: seed), dataset: dataset))
    }
    let failure = fixture.failure { try splitter(1).write(to: $0, progress: $1) }
    let match = try #require(
      failure.firstMatch(
        of:
          /\(30 sequences in total\); 3 groups are drawn at random; --seed (\d+) draws train 1, validation 1, test 1/
      ), "\(failure)")
    let seed = try #require(UInt64(match.1))
    let (divided, summary) = try fixture.make { try splitter(seed).write(to: $0, progress: $1) }
    #expect(summary.text == "train 10, validation 10, test 10 sequences")
    for split in ["train", "validation", "test"] {
      #expect(Set(try divided.dataset("\(split)/speaker").read(as: String.self)).count == 1)
    }
    let two = fixture.failure { try splitter(1, "recording").write(to: $0, progress: $1) }
    #expect(two.hasSuffix("; 2 groups cannot be divided into 3 splits; give fewer fractions"), "\(two)")
  }

  /// Values that divide nothing, classes with too few sequences, and more folds than groups.
  @Test func whatCannotBeDividedIsTold() throws {
    let fixture = try Fixture()
    let path = fixture.path("rare.h5")
    let file = try File(creating: path)
    try file.createGroup("train")
    try file.write("train/inputs", (0..<60).map { Float($0) }, shape: [20, 3, 1])
    try file.write("train/kind", (0..<20).map { $0 < 17 ? "usual" : "rare" })
    try file.write("train/weight", (0..<20).map { Double($0) + 0.5 })
    try file.write("train/speaker", (0..<20).map { "\($0 / 10)" })
    try file.close()
    let plan = try SplitPlan("0.8,0.1,0.1")
    let splitter = DatasetSplitter(file: path, assignment: .stratified(plan, dataset: "kind"))
    let (_, summary) = try fixture.make { try splitter.write(to: $0, progress: $1) }
    #expect(summary.notes == ["class 'rare' has 3 sequences, which are not in all splits"])
    for (assignment, message) in [
      (
        SplitAssignment.stratified(plan, dataset: "weight"),
        "rare.h5: 'weight' has another value for each sequence; --stratify is for classes"
      ),
      (.names("weight"), "rare.h5: 'weight' contains numbers with decimals, which name no splits"),
      (
        .fold(3, of: 3, seed: 1, groups: "speaker", stratify: nil),
        "2 groups cannot make 3 folds; use a smaller --folds"
      ),
    ] {
      let failure = fixture.failure {
        try DatasetSplitter(file: path, assignment: assignment).write(to: $0, progress: $1)
      }
      #expect(failure.hasSuffix(message), "\(failure)")
    }
  }

  /// A seed whose draw is far from the fractions, and one that is closer.
  @Test func farFractionsAreTold() throws {
    let fixture = try Fixture()
    let path = try Self.make(fixture)
    var notes: [UInt64: [String]] = [:]
    var counts: [UInt64: Int] = [:]
    for seed: UInt64 in 1...12 {
      let splitter = DatasetSplitter(
        file: path, assignment: .contents(try SplitPlan("0.7,0.3", seed: seed)))
      let (_, summary) = try fixture.make("\(seed).h5") { try splitter.write(to: $0, progress: $1) }
      (notes[seed], counts[seed]) = (summary.notes, summary.splits[0].count)
    }
    for (seed, count) in counts {
      // 42 of 60 are wanted, and at most three more or fewer are no matter.
      let note = notes[seed]?.first { $0.contains("drawn at random") }
      #expect((note != nil) == (abs(count - 42) > 3), "\(seed): \(count) \(note ?? "")")
      guard let note else { continue }
      #expect(
        note.hasPrefix("60 sequences are drawn at random: train \(count), validation \(60 - count); --seed"))
      #expect(note.hasSuffix(" draws train 42, validation 18, closer to the fractions"))
    }
    #expect(notes.values.contains { !$0.isEmpty })
  }

  @Test func groupsStayTogether() throws {
    let fixture = try Fixture()
    let path = try Self.make(fixture)
    let plan = try SplitPlan("0.6,0.4", seed: 2)
    let splits = try Self.split(.groups(plan, dataset: "speaker"), fixture, path)
    let speakers = splits.mapValues { Set($0.map { $0 / 5 }) }
    #expect(speakers["train"]?.isDisjoint(with: speakers["validation"] ?? []) == true)
    #expect(splits.values.joined().sorted() == Array(0..<60))
  }

  @Test func eachClassHasItsFractions() throws {
    let fixture = try Fixture()
    let path = try Self.make(fixture)
    let plan = try SplitPlan("0.5,0.5", seed: 3)
    let splits = try Self.split(.stratified(plan, dataset: "targets"), fixture, path)
    for items in splits.values {
      #expect(items.count { $0 % 10 == 0 } == 3 && items.count == 30)
    }
  }

  @Test(arguments: [nil, "speaker"]) func foldsCoverEverythingOnce(groups: String?) throws {
    let fixture = try Fixture()
    let path = try Self.make(fixture)
    var seen: [Int] = []
    for fold in 1...4 {
      let splits = try Self.split(
        .fold(fold, of: 4, seed: 1, groups: groups, stratify: nil), fixture, path)
      let held = splits["validation"] ?? []
      #expect(held.count == 15)
      #expect(Set(held).isDisjoint(with: splits["train"] ?? []))
      if groups != nil {
        #expect(Set(held.map { $0 / 5 }).isDisjoint(with: (splits["train"] ?? []).map { $0 / 5 }))
      }
      seen += held
    }
    #expect(seen.sorted() == Array(0..<60))
  }

  @Test func eachSeriesIsCutByTime() throws {
    let fixture = try Fixture()
    let path = fixture.path("series.h5")
    let file = try File(creating: path)
    try file.createGroup("train")
    try file.write("train/inputs", (0..<30).map { Float($0) }, shape: [30, 1])
    try file.write("train/offsets", [0, 10, 30])
    try file.write("train/name", ["a", "b"])
    try file.close()
    let splitter = DatasetSplitter(file: path, assignment: .time(try SplitPlan("0.8,0.2")))
    let (divided, _) = try fixture.make { try splitter.write(to: $0, progress: $1) }
    #expect(try divided.dataset("train/inputs").read(as: Int.self) == Array(0..<8) + Array(10..<26))
    #expect(try divided.dataset("train/offsets").read(as: Int.self) == [0, 8, 24])
    #expect(try divided.dataset("validation/inputs").read(as: Int.self) == [8, 9] + Array(26..<30))
    #expect(try divided.dataset("validation/offsets").read(as: Int.self) == [0, 2, 6])
    #expect(try divided.dataset("validation/name").read(as: String.self) == ["a", "b"])
    // What precedes a part, as far as there is anything.
    for (count, leading) in [(3, [5, 6, 7, 8, 9]), (100, Array(0..<10))] {
      var leadingIn = splitter
      leadingIn.leadIn = count
      let (led, _) = try fixture.make("led\(count).h5") { try leadingIn.write(to: $0, progress: $1) }
      #expect(try led.dataset("train/offsets").read(as: Int.self) == [0, 8, 24])
      let inputs = try led.dataset("validation/inputs").read(as: Int.self)
      #expect(inputs == leading + Array(max(10, 26 - count)..<30))
      #expect(try led.dataset("validation/offsets").read(as: Int.self) == [0, leading.count, inputs.count])
    }
    // Parts of a series are known by its number, or the name that it has.
    #expect(try divided.dataset("validation/names").read(as: String.self) == ["0", "1"])
    let named = fixture.path("named.h5")
    let other = try File(creating: named)
    try other.write("train/inputs", (0..<30).map { Float($0) }, shape: [30, 1])
    try other.write("train/offsets", [0, 10, 30])
    try other.write("train/names", ["a", "b"])
    try other.close()
    let second = DatasetSplitter(file: named, assignment: .time(try SplitPlan("0.8,0.2")))
    let (again, _) = try fixture.make("again.h5") { try second.write(to: $0, progress: $1) }
    #expect(try again.dataset("train/names").read(as: String.self) == ["a", "b"])
    #expect(try again.dataset("validation/names").read(as: String.self) == ["a", "b"])
  }
}

import DatasetTools
import HDF5
import Testing
import WeftBase

/// Sequences that are windows of one series, as frameworks cut them.
@Suite struct OverlappingWindowTests {
  /// 200 windows of a series of two features, and the value after each as target.
  private func windows(_ fixture: Fixture, distance: Int, length: Int = 12) throws -> String {
    func value(_ step: Int) -> Float { Float((step * 7919 + 13) % 10_007) }
    let path = fixture.path("windows.h5")
    let file = try File(creating: path)
    let starts = (0..<200).map { $0 * distance }
    try file.write(
      "train/inputs",
      starts.flatMap { start in
        (start..<start + length).flatMap { step -> [Float] in [value(step), -value(step)] }
      },
      shape: [200, length, 2])
    try file.write("train/targets", starts.map { value($0 + length) })
    try file.close()
    return path
  }

  @Test(arguments: [1, 5]) func noStepIsInTwoSplits(distance: Int) throws {
    let fixture = try Fixture()
    let path = try windows(fixture, distance: distance)
    let drawn = DatasetSplitter(file: path, assignment: .contents(try SplitPlan("0.6,0.2,0.2")))
    let (_, told) = try fixture.make("drawn.h5") { try drawn.write(to: $0, progress: $1) }
    #expect(
      told.text.contains(
        "share steps with those of training; --fractions with --by-time alone keeps them apart"))

    let ordered = DatasetSplitter(file: path, assignment: .time(try SplitPlan("0.6,0.2,0.2")))
    let (file, summary) = try fixture.make("ordered.h5") { try ordered.write(to: $0, progress: $1) }
    // 11 steps are shared by as many windows at a distance of one, and by two at a distance of five.
    let gap = distance == 1 ? 11 : 2
    #expect(summary.splits.map(\.count) == [120, 40 - gap, 40 - gap])
    #expect(summary.text.contains("\(2 * gap) sequences are in no split"))
    let steps = try ["train", "validation", "test"].map {
      Set(try file.dataset("\($0)/inputs").read(as: Float.self))
    }
    #expect(steps[0].isDisjoint(with: steps[1]) && steps[1].isDisjoint(with: steps[2]))
    let targets = try file.dataset("validation/targets").read(as: Float.self)
    let all = try File(opening: path).dataset("train/targets").read(as: Float.self)
    #expect(targets == Array(all[120 + gap..<160]))
  }

  /// Windows of two stations one after the other are no series, and splits need more windows than share steps.
  @Test func windowsThatCannotBeDividedAreRefused() throws {
    let fixture = try Fixture()
    let path = fixture.path("stations.h5")
    let file = try File(creating: path)
    let starts = Array(0..<100) + Array(1000..<1100)
    try file.write(
      "train/inputs",
      starts.flatMap { start in (start..<start + 12).map { step -> Float in Float(step * 7919 % 10_007) } },
      shape: [200, 12, 1])
    try file.close()
    let stations = DatasetSplitter(file: path, assignment: .time(try SplitPlan("0.6,0.2,0.2")))
    let error = #expect(throws: WeftError.self) {
      try fixture.make("divided.h5") { try stations.write(to: $0, progress: $1) }
    }
    #expect(error?.message.contains("window 100 does not begin a step after the one before it") == true)

    let few = DatasetSplitter(
      file: try windows(fixture, distance: 1), assignment: .time(try SplitPlan("0.9,0.05,0.05")))
    let other = #expect(throws: WeftError.self) {
      try fixture.make("few.h5") { try few.write(to: $0, progress: $1) }
    }
    #expect(other?.message.contains("each split but the first loses its first 11 windows") == true)
  }

  /// Windows side by side, and sequences that begin and end with zeros, share nothing.
  @Test(arguments: [12, 0]) func otherSequencesAreNoWindows(distance: Int) throws {
    let fixture = try Fixture()
    var path = try windows(fixture, distance: max(distance, 1))
    if distance == 0 {
      path = fixture.path("padded.h5")
      let file = try File(creating: path)
      let rows = (0..<50).flatMap { row in
        (0..<12).map { step -> Float in (4..<8).contains(step) ? Float(row * 12 + step) : 0 }
      }
      try file.write("train/inputs", rows, shape: [50, 12, 1])
      try file.close()
    }
    let drawn = DatasetSplitter(file: path, assignment: .contents(try SplitPlan("0.6,0.2,0.2")))
    let (_, summary) = try fixture.make("drawn.h5") { try drawn.write(to: $0, progress: $1) }
    #expect(!summary.text.contains("windows of a series"), "\(summary.text)")
  }
}

import Foundation
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftParallel
@testable import WeftTraining

/// Metrics are read while they are written.
@Suite struct MetricsReaderTests {
  private static func record(_ step: Int, _ split: String = "train") -> MetricsRecord {
    MetricsRecord(
      step: step, epoch: 1, split: split, values: ["loss": 1 / Double(step), "learning_rate": 0.5])
  }

  @Test func followsAFileThatGrows() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("metrics.jsonl")
    let writer = try MetricsWriter(path: path)
    var reader = MetricsReader(path: path)
    #expect(try reader.update() == false)
    try writer.append(Self.record(1))
    try writer.append(MetricsRecord(step: 1, epoch: 2, split: "validation", values: ["loss": .nan]))
    #expect(try reader.update())
    #expect(reader.records.map(\.split) == ["train", "validation"])
    #expect(reader.records[0].values["learning_rate"] == 0.5 && reader.records[0].values["loss"] == 1)
    #expect(reader.records[1].values["loss"]?.isNaN == true && reader.records[1].epoch == 2)
    #expect(try reader.update() == false)

    // An incomplete line is read later.
    let line = Self.record(2).line
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(line.utf8.prefix(9)))
    #expect(try reader.update() == false)
    try handle.write(contentsOf: Data(line.utf8.dropFirst(9)))
    #expect(try reader.update())
    #expect(reader.records.map(\.step) == [1, 1, 2])
  }

  @Test func beginsAnewWhenARunGoesBack() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("metrics.jsonl")
    let writer = try MetricsWriter(path: path)
    for step in 1...5 { try writer.append(Self.record(step)) }
    var reader = MetricsReader(path: path)
    _ = try reader.update()
    try writer.truncate(to: 3)
    try writer.append(Self.record(4))
    #expect(try reader.update())
    #expect(reader.records.map(\.step) == [1, 2, 3, 4])
  }

  @Test func refusesWhatIsNoMetrics() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("metrics.jsonl")
    try TextFile.replace(path, with: "{\"step\":2}\n\n")
    #expect(throws: WeftError.model("\(path):1: not a record of metrics")) {
      try MetricsReader.records(in: path)
    }
  }

  /// What a power failure left is not shown until a resumed run removes it; the records are.
  @Test(arguments: MetricsWriterTests.tails.indices) func leavesOutWhatIsDamaged(_ tail: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("metrics.jsonl")
    let lines = Data((1...5).map { Self.record($0).line }.joined().utf8)
    try (lines + MetricsWriterTests.tails[tail]).write(to: URL(filePath: path))
    var notes: [String] = []
    #expect(
      try MetricsReader.records(in: path, onNote: { notes.append($0) }).prefix(5).map(\.step) == [
        1, 2, 3, 4, 5,
      ])
    #expect(notes.count == 1 && notes[0].hasPrefix("\(path):") && notes[0].hasSuffix(" left out"))
    // The same lines are no times and no gradients, but their logs end alike.
    try (Data("{\"step\":1,\"seconds\":2,\"layers\":{}}\n".utf8) + MetricsWriterTests.tails[tail])
      .write(to: URL(filePath: path))
    #expect(try TimesLog.records(in: path, onNote: { notes.append($0) })[0].seconds == 2)
    #expect(try GradientFlowLog.records(in: path, onNote: { notes.append($0) }).map(\.step) == [1])
    #expect(notes.last?.hasPrefix("\(path):") == true)
  }

  @Test func countsDamagedLines() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("metrics.jsonl")
    let good = Self.record(1).line
    for (text, note) in [
      (good, nil), (good + "\0\0\n", ":2: not a record of metrics; the line is left out"),
      ("\n" + good + "x\ny", ":1: not a record of metrics; 3 damaged lines are left out"),
      (good + "\0\0\0", ": the last line is incomplete; the line is left out"),
    ] {
      try TextFile.replace(path, with: text)
      var reader = MetricsReader(path: path)
      #expect(try reader.update())
      #expect(reader.note == note.map { path + $0 })
    }
    // A run that is at work may be writing the last line.
    var reader = MetricsReader(path: path)
    let lock = try RunLock(folder: folder.path)
    try withExtendedLifetime(lock) {
      _ = try reader.update()
      #expect(reader.note == nil)
    }
    // A resumed run has removed it.
    try TextFile.replace(path, with: good)
    _ = try reader.update()
    #expect(reader.note == nil && reader.records.count == 1)
  }

  @Test func timesAreWrittenAndRead() throws {
    let folder = try TemporaryFolder()
    let log = try TimesLog(path: folder.file("times.jsonl"), resumingAfter: nil, times: PhaseTimes())
    var times = PhaseTimes()
    (times.forward, times.update) = (0.5, 0.25)
    log.add(timeSteps: 40)
    log.add(timeSteps: 2)
    let first = try log.append(step: 10, times: times)
    times.forward = 2
    let second = try log.append(step: 20, times: times)
    #expect(first.timeSteps == 42 && first.phases.forward == 0.5 && second.timeSteps == 0)
    #expect(second.phases.forward == 1.5 && second.phases.update == 0)
    let read = try TimesLog.records(in: folder.file("times.jsonl"))
    #expect(read.map(\.step) == [10, 20] && read.map(\.timeSteps) == [42, 0])
    #expect(read.map(\.phases) == [first.phases, second.phases])
    #expect(read.allSatisfy { ($0.processorSeconds ?? -1) >= 0 && ($0.residentBytes ?? 0) > 1 << 20 })
    // The JSON reader may differ in the last digit.
    for (found, written) in zip(read, [first, second]) {
      #expect(abs(found.seconds - written.seconds) <= 1e-15 * max(1, written.seconds))
    }
  }

  /// The time of ranks is that since the previous record, like all others.
  @Test func theExchangeIsWrittenWhereThereIsOne() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("times.jsonl")
    let log = try TimesLog(path: path, resumingAfter: nil, times: PhaseTimes())
    var times = PhaseTimes()
    times.forward = 1
    _ = try log.append(step: 1, times: times)
    #expect(try !TextFile.contents(of: path).contains("exchange"))
    times.exchange = 2
    _ = try log.append(step: 2, times: times)
    times.exchange = 2.5
    _ = try log.append(step: 3, times: times)
    #expect(try TimesLog.records(in: path).map(\.phases.exchange) == [0, 2, 0.5])
  }
}

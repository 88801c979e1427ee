import Foundation
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftTraining

@Suite struct MetricsWriterTests {
  /// Calls `body` with the path of a metrics file that does not exist yet.
  private func withPath(_ body: (String) throws -> Void) throws {
    let folder = try TemporaryFolder()
    try withExtendedLifetime(folder) { try body(folder.file("metrics.jsonl")) }
  }

  private func record(_ step: Int, _ split: String = "train") -> MetricsRecord {
    MetricsRecord(step: step, epoch: 1, split: split, values: ["loss": 1.0 / Double(step), "rate": 0.001])
  }

  @Test func writesALineAtOnce() throws {
    try withPath { path in
      let writer = try MetricsWriter(path: path)
      try writer.append(record(2))
      try writer.append(MetricsRecord(step: 2, epoch: 1, split: "validation", values: ["loss": .nan]))
      let text = try TextFile.contents(of: path)
      #expect(
        text == """
          {"step":2,"epoch":1,"split":"train","loss":0.5,"rate":0.001}
          {"step":2,"epoch":1,"split":"validation","loss":null}

          """)
      for line in text.split(separator: "\n") {
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
      }
    }
  }

  @Test func aResumedHistoryIsThatOfAnUndisturbedRun() throws {
    try withPath { path in
      let undisturbed = try MetricsWriter(path: path)
      for step in 1...9 { try undisturbed.append(record(step)) }
      let expected = try TextFile.contents(of: path)

      let cutOff = try MetricsWriter(path: path)
      for step in 1...7 { try cutOff.append(record(step)) }
      let torn = try TextFile.contents(of: path) + "{\"step\":8,\"ep"
      try TextFile.replace(path, with: torn)

      let resumed = try MetricsWriter(path: path, resumingAfter: 5)
      for step in 6...9 { try resumed.append(record(step)) }
      #expect(try TextFile.contents(of: path) == expected)
      #expect(
        try FileManager.default.contentsOfDirectory(
          atPath: URL(filePath: path).deletingLastPathComponent()
            .path(percentEncoded: false)) == ["metrics.jsonl"])
    }
  }

  @Test func aNewRunBeginsAnew() throws {
    try withPath { path in
      try MetricsWriter(path: path).append(record(1))
      _ = try MetricsWriter(path: path)
      #expect(try TextFile.contents(of: path).isEmpty)
    }
  }

  @Test func resumingWithoutAFileBeginsOne() throws {
    try withPath { path in
      try MetricsWriter(path: path, resumingAfter: 3).append(record(4))
      #expect(try TextFile.contents(of: path) == record(4).line)
    }
  }

  /// What a power failure may leave behind the lines that were synced.
  static let tails: [[UInt8]] = [
    [0, 0, 0, 0, 0],
    Array("\0\0\0\n\0\n{\"step\":".utf8),
    Array("{\"step\":6,\"epoch\":1,\"spl\0\0\0\0\0\0\":1}\n".utf8),
    // The first half of a character.
    Array("{\"step\":6,\"epoch\":1,\"split\":\"train\",\"a".utf8) + [0xC3, UInt8(ascii: "\n")],
    Array("{\"step\":6,\"epoch\":1,\"split\":\"tra".utf8) + [0xE2, 0x82],
    Array("hello\n[1]\n{}\n\"step\"\n\n\n".utf8),
    Array("{\"step\":6}\n{\"step\":1e99,\"epoch\":1,\"split\":\"train\"}\n".utf8),
    [UInt8](repeating: 0, count: 3_000_000),
    (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 5) | 0x80 },
    Array("{\"step\":6,\"epoch\":1,\"split\":\"train\",\"loss\":2}\n".utf8) + [0xFF, 0x0A],
    Array(String(repeating: "{\"step\":", count: 100_000).utf8),
  ]

  @Test(arguments: tails.indices) func whatIsBehindTheCheckpointIsCut(_ tail: Int) throws {
    try withPath { path in
      let writer = try MetricsWriter(path: path)
      for step in 1...5 { try writer.append(record(step)) }
      let expected = try TextFile.contents(of: path)
      try Data(Data(expected.utf8) + Self.tails[tail]).write(to: URL(filePath: path))
      var notes: [String] = []
      let resumed = try MetricsWriter(path: path, resumingAfter: 5, every: 1) { notes.append($0) }
      #expect(try TextFile.contents(of: path) == expected)
      #expect(notes == [])
      try resumed.append(record(6))
      #expect(try TextFile.contents(of: path) == expected + record(6).line)
    }
  }

  @Test func lostRecordsAreToldAndEndNoRun() throws {
    let lines = (1...6).map { record($0).line }
    let note = "some records up to step 5 are damaged or missing; the run goes on without them"
    for (content, kept, expected) in [
      // In the middle; the others are kept.
      (lines[0] + "\0\0\0\n" + lines[2...4].joined(), lines[0] + lines[2...4].joined(), note),
      (lines[0...2].joined() + lines[3].dropLast(9) + "\0\0\n" + lines[5], lines[0...2].joined(), note),
      ("", "", note),
      ("no line break", "", note),
      // Lines of another run.
      (lines[0...4].joined() + lines[1...2].joined(), lines[0...4].joined(), nil),
    ] {
      try withPath { path in
        try Data(content.utf8).write(to: URL(filePath: path))
        var notes: [String] = []
        _ = try MetricsWriter(path: path, resumingAfter: 5, every: 1) { notes.append($0) }
        #expect(try TextFile.contents(of: path) == kept)
        #expect(notes == (expected.map { ["\(path): \($0)"] } ?? []))
      }
    }
    try withPath { path in
      var notes: [String] = []
      _ = try MetricsWriter(path: path, resumingAfter: 5, every: 10) { notes.append($0) }
      #expect(notes == [], "no record was due yet")
      try FileManager.default.removeItem(atPath: path)
      _ = try MetricsWriter(path: path, resumingAfter: 5, every: 1) { notes.append($0) }
      #expect(notes == ["\(path): is missing; the run goes on with a new one"])
    }
  }

  /// A link in place of the log leads to a file of somebody else.
  @Test func linksAreNotFollowed() throws {
    try withPath { path in
      let victim = path + ".victim"
      let lines = (1...5).map { record($0).line }.joined()
      try TextFile.replace(victim, with: lines)
      symlink(victim, path)
      #expect(throws: WeftError.file("\(path): is a symbolic link; remove it")) {
        try MetricsWriter(path: path, resumingAfter: 5)
      }
      // A new run replaces it.
      try MetricsWriter(path: path).append(record(1))
      #expect(try TextFile.contents(of: path) == record(1).line)
      // The other name of a backup made of hard links stays as it is.
      unlink(path)
      link(victim, path)
      let writer = try MetricsWriter(path: path, resumingAfter: 5)
      try writer.append(record(6))
      #expect(try TextFile.contents(of: path) == lines + record(6).line)
      unlink(path)
      link(victim, path)
      try writer.truncate(to: 5)
      try writer.append(record(7))
      #expect(try TextFile.contents(of: path) == lines + record(7).line)
      #expect(try TextFile.contents(of: victim) == lines)
    }
  }

  @Test func aFolderThatIsMissingIsTold() {
    #expect(
      throws: WeftError.file("/no/such/m.jsonl: cannot be written: No such file or directory")
    ) { try MetricsWriter(path: "/no/such/m.jsonl") }
  }
}

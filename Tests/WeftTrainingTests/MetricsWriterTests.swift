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

  @Test func refusesAFileOfSomethingElse() throws {
    try withPath { path in
      try TextFile.replace(path, with: record(1).line + "hello\n")
      #expect(throws: WeftError.failure("\(path):2: not a metrics record")) {
        try MetricsWriter(path: path, resumingAfter: 3)
      }
    }
    #expect(
      throws: WeftError.failure("/no/such/m.jsonl: cannot be written: No such file or directory")
    ) { try MetricsWriter(path: "/no/such/m.jsonl") }
  }
}

import Foundation
import SwiftProtobuf
import TestSupport
import Testing

@testable import WeftTensorBoard

/// Event files have TensorFlow's format and contain each step once.
@Suite struct EventFileTests {
  /// The check value of the catalogue of CRCs, and the examples of RFC 3720, appendix B.4.
  private static let examples: [([UInt8], UInt32)] = [
    (Array("123456789".utf8), 0xE306_9283),
    ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
    ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
    ([UInt8](0..<32), 0x46DD_794E),
    ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
  ]

  @Test(arguments: examples) func checksums(_ bytes: [UInt8], _ expected: UInt32) {
    #expect(MaskedChecksum.crc32c(bytes) == expected)
    let unmasked = MaskedChecksum.of(bytes) &- 0xA282_EAD8
    #expect((unmasked >> 17 | unmasked << 15) == expected)
  }

  /// `Fixtures/make_events.py` wrote them with TensorBoard's own writer.
  @Test func readsAndWritesTheRecordsOfTensorBoard() throws {
    let path = try #require(Bundle.module.path(forResource: "Fixtures/events.tfevents", ofType: nil))
    let file = try [UInt8](Data(contentsOf: URL(filePath: path)))
    var records: [[UInt8]] = []
    let end = EventRecords.scan(file) { data in
      records.append(Array(data))
      return true
    }
    #expect(end == file.count)
    #expect(records.flatMap(EventRecords.record) == file)
    let events = try records.map { try TensorBoardEvent(serializedBytes: $0) }
    #expect(events.map(\.step) == [0, 1, 20, 300])
    #expect(events[0].fileVersion == "brain.Event:2")
    let values = events[2].summary.value
    #expect(values.map(\.tag) == ["loss/train", "weights", "sample"])
    #expect(values[0].simpleValue == 0.05)
    #expect(values[1].histo.bucketLimit == [0, 1] && values[1].histo.bucket == [1, 2])
    #expect(values[1].histo.sumSquares == 2.25)
    #expect(values[2].metadata.pluginData.pluginName == "text" && values[2].metadata.dataClass == .tensor)
    #expect(values[2].tensor.dtype == .dtString && values[2].tensor.stringVal == [Data("step 20".utf8)])
    // All field numbers are known: rewriting gives the same bytes.
    for (event, record) in zip(events, records) {
      #expect(event.unknownFields.data.isEmpty && event.summary.unknownFields.data.isEmpty)
      #expect(try event.serializedBytes() as [UInt8] == record)
    }
  }

  @Test func aRecordThatWasCutOffOrChangedEndsTheScan() {
    let first = EventRecords.record([1, 2, 3])
    let second = EventRecords.record([4, 5])
    for length in 0..<second.count {
      #expect(EventRecords.scan(first + second[..<length]) { _ in true } == first.count)
    }
    for place in second.indices {
      var changed = second
      changed[place] ^= 1
      #expect(EventRecords.scan(first + changed) { _ in true } == first.count)
    }
    #expect(EventRecords.scan(first + second) { $0.count == 3 } == first.count)
  }

  private static func events(in folder: String) throws -> [TensorBoardEvent] {
    try EventFile.paths(in: folder).flatMap { path in
      var events: [TensorBoardEvent] = []
      let bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
      let end = EventRecords.scan(bytes) { data in
        if let event = try? TensorBoardEvent(serializedBytes: Array(data)) { events.append(event) }
        return true
      }
      #expect(end == bytes.count)
      return events
    }
  }

  private static func event(_ step: Int) -> TensorBoardEvent {
    var event = TensorBoardEvent(step: step)
    event.summary.value = [.with { ($0.tag, $0.simpleValue) = ("loss", Float(step)) }]
    return event
  }

  /// Truncated after step 7 in the middle of a record, resumed after 5, rolled back to 6 later.
  @Test func eachStepIsThereOnce() throws {
    let folder = try TemporaryFolder()
    do {
      let file = try EventFile(folder: folder.path, resumingAfter: nil)
      for step in 1...7 { try file.append(Self.event(step)) }
      try file.flush()
    }
    let handle = try FileHandle(forWritingTo: URL(filePath: EventFile.paths(in: folder.path)[0]))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(EventRecords.record([1, 2, 3, 4]).dropLast(3)))
    try handle.close()
    let resumed = try EventFile(folder: folder.path, resumingAfter: 5)
    for step in 6...9 { try resumed.append(Self.event(step)) }
    try resumed.truncate(to: 6)
    for step in 7...8 { try resumed.append(Self.event(step)) }
    try resumed.flush()

    let events = try Self.events(in: folder.path)
    let summaries = events.filter { if case .summary = $0.what { true } else { false } }
    #expect(summaries.map(\.step) == Array(1...8))
    let starts = events.filter { if case .sessionLog = $0.what { true } else { false } }
    #expect(starts.map(\.step) == [0, 6, 7] && starts.allSatisfy { $0.sessionLog.status == .start })
    // TensorBoard reads files in the order of their names.
    #expect(EventFile.paths(in: folder.path).count == 3)
  }

  /// Names are sorted by their time, which has more than 31 bits after January 2038.
  @Test(arguments: [("2147483647", "2147483648"), ("4500000000", "4500000001"), ("9223372036854775807", nil)])
  func newNamesSortAfterOldOnes(_ old: String, _ new: String?) throws {
    let folder = try TemporaryFolder()
    do {
      let file = try EventFile(folder: folder.path, resumingAfter: nil)
      try file.append(Self.event(1))
    }
    let first = try #require(EventFile.paths(in: folder.path).first)
    let renamed = folder.file("events.out.tfevents.\(old).weft.1")
    rename(first, renamed)
    let file = try EventFile(folder: folder.path, resumingAfter: 1)
    try file.append(Self.event(2))
    try file.flush()
    let paths = EventFile.paths(in: folder.path)
    #expect(paths.count == 2)
    if let new {
      #expect(paths == [renamed, folder.file("events.out.tfevents.\(new).weft.\(getpid())")])
      #expect(try Self.events(in: folder.path).map(\.step) == [0, 0, 1, 0, 2, 2])
    }
  }

  @Test func aNewRunRemovesTheEventsOfOneThatNeverSaved() throws {
    let folder = try TemporaryFolder()
    do {
      let file = try EventFile(folder: folder.path, resumingAfter: nil)
      try file.append(Self.event(3))
    }
    let file = try EventFile(folder: folder.path, resumingAfter: nil)
    try file.append(Self.event(1))
    try file.flush()
    #expect(try Self.events(in: folder.path).map(\.step) == [0, 0, 1])
  }

  @Test func histogramsCountEveryFiniteNumber() throws {
    let values: [Float] = (0..<1000).map { Float($0) / 999 } + [.nan, .infinity]
    let histogram = try #require(TensorBoardHistogramProto(values))
    #expect(histogram.num == 1000 && histogram.min == 0 && histogram.max == 1)
    #expect(histogram.bucket.reduce(0, +) == 1000 && histogram.bucket.count == histogram.bucketLimit.count)
    #expect(
      histogram.bucketLimit.last == 1
        && zip(histogram.bucketLimit, histogram.bucketLimit.dropFirst()).allSatisfy(<))
    #expect(abs(histogram.sum - 500) < 1e-3)
    let constant = try #require(TensorBoardHistogramProto([2, 2]))
    #expect(constant.bucket == [2] && constant.bucketLimit[0] > 2)
    #expect(TensorBoardHistogramProto([]) == nil && TensorBoardHistogramProto([.nan]) == nil)
  }

  @Test func aMapIsDarkWhereGradientsVanish() {
    let pixels = HeatMap(columns: [[1e-6, 1], [1e-3, .nan]]).pixels(width: 4, height: 2)
    func pixel(_ row: Int, _ column: Int) -> [Int] {
      (0..<3).map { Int(pixels[(row * 4 + column) * 3 + $0]) }
    }
    // The last row is on top.
    #expect(pixel(1, 0) == [0x44, 0x01, 0x54] && pixel(0, 1) == [0xFD, 0xE7, 0x25])
    #expect(pixel(0, 3) == [128, 128, 128])
    #expect(pixel(1, 3)[1] > 0x78 && pixel(1, 3)[1] < 0xA8)
  }
}

import DatasetTools
import Foundation
import HDF5
import Testing

@Suite struct RearrangingTests {
  /// Ragged sequences with a class each; every fifth repeats the one before.
  private func makeRagged(_ fixture: Fixture, _ name: String = "ragged.h5", count: Int = 60) throws -> String
  {
    try fixture.make(name) { writer, _ in
      try writer.file.write("classes", ["a", "b"])
      let inputs = try RaggedWriter<Float>(writer, split: "train", name: "inputs", width: 2)
      let targets = writer.array("train/targets", of: Int32.self, labels: ["sequence"])
      let texts = try writer.file.write("train/text", (0..<count).map { "text \($0)" })
      try texts.attributes.set("language", to: "en")
      for item in 0..<count {
        let source = item % 5 == 4 ? item - 1 : item
        try inputs.append((0..<2 * (source % 7 + 1)).map { Float(source * 100 + $0) })
        try targets.append(Int32(source % 2))
      }
      return ConversionSummary(unit: "sequences")
    }
    return fixture.path(name)
  }

  /// The sequences of a ragged split.
  private func sequences(_ file: File, _ split: String) throws -> [[Float]] {
    let offsets = try file.dataset("\(split)/offsets").read(as: Int.self)
    let width = try file.dataset("\(split)/inputs").shape.last ?? 1
    let values = try file.dataset("\(split)/inputs").read(as: Float.self)
    return zip(offsets, offsets.dropFirst()).map { Array(values[$0 * width..<$1 * width]) }
  }

  @Test func splittingKeepsEverythingAndEqualsTogether() throws {
    let fixture = try Fixture()
    let path = try makeRagged(fixture)
    let whole = try sequences(File(opening: path), "train")
    let splitter = DatasetSplitter(
      file: path, assignment: .contents(try SplitPlan("0.6,0.2,0.2", seed: 5)))
    let (file, summary) = try fixture.make { try splitter.write(to: $0, progress: $1) }
    let parts = try ["train", "validation", "test"].map { try sequences(file, $0) }
    #expect(parts.joined().sorted { $0[0] < $1[0] } == whole.sorted { $0[0] < $1[0] })
    let sets = parts.map { Set($0) }
    #expect(
      sets[0].isDisjoint(with: sets[1]) && sets[0].isDisjoint(with: sets[2])
        && sets[1].isDisjoint(with: sets[2]))
    #expect(summary.splits.map(\.count) == parts.map(\.count))
    for (split, part) in zip(["train", "validation", "test"], parts) {
      let texts = try file.dataset("\(split)/text").read(as: String.self)
      #expect(try file.dataset("\(split)/targets").read(as: Int.self) == part.map { Int($0[0]) / 100 % 2 })
      // Texts stay with their sequences: repeats have the number after that of the original.
      for (text, sequence) in zip(texts, part) {
        let number = try #require(Int(text.dropFirst(5)))
        #expect(number - (number % 5 == 4 ? 1 : 0) == Int(sequence[0]) / 100)
      }
    }
    #expect(try file.dataset("classes").read(as: String.self) == ["a", "b"])
    #expect(try file.dataset("test/text").attributes.value("language", as: String.self) == "en")
  }

  @Test func layoutsThereAndBack() throws {
    let fixture = try Fixture()
    let path = try makeRagged(fixture)
    var converter = DatasetConverter(file: path)
    converter.layout = .dense
    let (dense, _) = try fixture.make("dense.h5") { try converter.write(to: $0, progress: $1) }
    #expect(try dense.dataset("train/inputs").shape == [60, 7, 2])
    #expect(try dense.dataset("train/inputs").dimensionLabels == ["sequence", "time", "feature"])
    let whole = try sequences(File(opening: path), "train")
    #expect(try dense.dataset("train/lengths").read(as: Int.self) == whole.map { $0.count / 2 })
    let padded = try dense.dataset("train/inputs").read(as: Float.self, offset: [1, 0, 0], count: [1, 7, 2])
    #expect(padded == whole[1] + [Float](repeating: 0, count: 14 - whole[1].count))
    var back = DatasetConverter(file: fixture.path("dense.h5"))
    back.layout = .ragged
    let (ragged, _) = try fixture.make("back.h5") { try back.write(to: $0, progress: $1) }
    #expect(try sequences(ragged, "train") == whole)
    #expect(try !ragged.contains("train/lengths"))
    #expect(
      fixture.failure { writer, progress in
        converter.layout = .stream
        return try converter.write(to: writer, progress: progress)
      }.hasSuffix("dataset /train/targets: has one row per sequence, which a stream cannot represent"))
  }

  @Test func windowsOfAStream() throws {
    let fixture = try Fixture()
    try fixture.make("stream.h5") { writer, _ in
      try writer.file.write("vocabulary", ["a", "b", "c"])
      try StreamWriter<UInt8>(writer, split: "train", name: "tokens").append((0..<101).map { UInt8($0 % 3) })
      return ConversionSummary(unit: "tokens")
    }
    var converter = DatasetConverter(file: fixture.path("stream.h5"))
    converter.layout = .windows(10)
    let (windows, summary) = try fixture.make("windows.h5") { try converter.write(to: $0, progress: $1) }
    #expect(summary.splits.map(\.count) == [10])
    #expect(try windows.dataset("train/inputs").shape == [10, 10])
    #expect(try windows.dataset("train/inputs").read(as: Int.self) == (0..<100).map { $0 % 3 })
    #expect(try windows.dataset("train/targets").read(as: Int.self) == (1..<101).map { $0 % 3 })
    var back = DatasetConverter(file: fixture.path("windows.h5"))
    back.layout = .stream
    let (stream, _) = try fixture.make("back.h5") { try back.write(to: $0, progress: $1) }
    #expect(try stream.dataset("train/tokens").read(as: Int.self) == (0..<100).map { $0 % 3 })
  }

  @Test func sequencesOfVariableLength() throws {
    let fixture = try Fixture()
    var converter = DatasetConverter(file: Fixture.path("sequences.h5"))
    #expect(
      fixture.failure { try converter.write(to: $0, progress: $1) }.contains(
        "contains 2 datasets of sequences"))
    converter.rootNames = ["x": "inputs", "y": "targets"]
    let (file, _) = try fixture.make { try converter.write(to: $0, progress: $1) }
    let expected = (0..<6).map { item in (0...item).map { Float($0) + 0.5 * Float(item) } }
    #expect(try file.dataset("train/inputs").read(as: Float.self) == expected.flatMap { $0 })
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 1, 3, 6, 10, 15, 21])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [0, 0, 1, 0, 1, 2, 0, 0, 1, 0, 1, 2])
    #expect(try file.dataset("train/target_offsets").read(as: Int.self) == [0, 1, 3, 6, 7, 9, 12])
    #expect(try file.dataset("note").read(as: String.self) == ["beside the sequences"])
  }

  @Test func halfPrecisionIsRoundedToNearest() throws {
    let fixture = try Fixture()
    // They include values that round up to the next power of two, which HDF5 1.10 halves.
    let values = [0.999873, -0.49998, 1.5, 65504, 1e-7, 3.14159, 0, -2047.6] as [Float]
    try fixture.make("singles.h5") { writer, _ in
      try StreamWriter<Float>(writer, split: "train", name: "inputs", width: 1).append(values)
      return ConversionSummary(unit: "rows")
    }
    var converter = DatasetConverter(file: fixture.path("singles.h5"))
    converter.floatKind = .float16
    let (file, _) = try fixture.make { try converter.write(to: $0, progress: $1) }
    #expect(
      try file.dataset("train/inputs").datatype == .float(bits: 16, exponentBits: 5, isBigEndian: false))
    #expect(try file.dataset("train/inputs").read(as: Float.self) == values.map { Float(Float16($0)) })
  }

  @Test func mergingAddsUp() throws {
    let fixture = try Fixture()
    let (first, second) = (
      try makeRagged(fixture, "a.h5", count: 7), try makeRagged(fixture, "b.h5", count: 12)
    )
    let (file, summary) = try fixture.make {
      try DatasetMerger(files: [first, second]).write(to: $0, progress: $1)
    }
    #expect(
      try sequences(file, "train") == sequences(File(opening: first), "train")
        + sequences(File(opening: second), "train"))
    #expect(try file.dataset("train/text").read(as: String.self).count == 19)
    #expect(summary.splits.map(\.count) == [19])
    try fixture.make("c.h5") { writer, _ in
      try writer.file.write("classes", ["b", "a"])
      try RaggedWriter<Float>(writer, split: "train", name: "inputs", width: 2).append([1, 2])
      return ConversionSummary(unit: "sequences")
    }
    #expect(
      fixture.failure { try DatasetMerger(files: [first, fixture.path("c.h5")]).write(to: $0, progress: $1) }
        .contains("c.h5: /classes differs from that of"))
  }

  @Test func descriptionsTellWhatIsThere() throws {
    let fixture = try Fixture()
    let description = try DatasetDescription(makeRagged(fixture), progress: ProgressReporter())
    let split = description.splits[0]
    #expect(split.sequences == 60 && split.layout == "ragged")
    let lengths = try #require(split.lengths)
    #expect((lengths.minimum, lengths.maximum) == (1, 7))
    #expect(lengths.histogram?.counts.reduce(0, +) == 60)
    #expect(lengths.mean == Double(split.steps) / 60)
    let inputs = split.datasets[0]
    let values = try File(opening: fixture.path("ragged.h5")).dataset("train/inputs").read(as: Double.self)
    for feature in 0..<2 {
      let column = stride(from: feature, to: values.count, by: 2).map { values[$0] }
      let mean = column.reduce(0, +) / Double(column.count)
      let deviation = (column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(column.count))
        .squareRoot()
      #expect(abs(inputs.features[feature].mean - mean) < 1e-9 * mean)
      #expect(abs(inputs.features[feature].standardDeviation - deviation) < 1e-9 * deviation)
      #expect(inputs.features[feature].maximum == column.max())
    }
    let targets = try #require(split.datasets.first { $0.name == "targets" })
    #expect(targets.classes.map(\.count).reduce(0, +) == 60)
    #expect(Set(targets.classes.compactMap(\.name)) == ["a", "b"])
  }
}

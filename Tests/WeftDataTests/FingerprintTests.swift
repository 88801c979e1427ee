import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftTasks

@Suite struct FingerprintTests {
  /// 500 sequences of 8 steps of 3 features, and a number for each.
  private static func fingerprint(
    limit: Int = 64 << 20, chunk: [Int]? = [16, 8, 3], filters: [Filter] = [],
    change: (inout [Float]) -> Void = { _ in }
  ) throws -> DataFingerprint {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.file())
    var random = SplitMix(seed: 3)
    var inputs = random.floats(500 * 8 * 3)
    change(&inputs)
    try file.write("train/inputs", inputs, shape: [500, 8, 3], chunk: chunk, filters: filters)
    try file.write("train/targets", random.floats(500))
    try file.close()
    var configuration = Configuration()
    configuration.data.file = folder.file()
    configuration.loss.kind = .squaredError
    configuration.model.output = .lastStep
    return try withExtendedLifetime(folder) { try DatasetFile(configuration).fingerprint(limit: limit) }
  }

  private func checksum(_ fingerprint: DataFingerprint, _ index: Int = 0) -> String {
    fingerprint.splits[0].parts[0].contents[index].checksum
  }

  @Test func checksumsOfAllValuesDoNotDependOnTheirStorage() throws {
    let plain = try Self.fingerprint(chunk: nil)
    #expect(plain.splits.map(\.name) == ["train"])
    let contents = plain.splits[0].parts[0].contents
    #expect(
      contents.map(\.name) == [
        "dataset /train/inputs", "dataset /train/targets", "lengths of the sequences of /train/inputs",
      ])
    #expect(contents.map(\.isComplete) == [true, true, true])
    // Chunks in every dimension, with edges outside of the data.
    for chunk in [[16, 8, 3], [7, 3, 2], [500, 1, 1], [1, 8, 3]] {
      for filters: [Filter] in [[], [.shuffle, .deflate(level: 4)], [.lzf, .fletcher32]] {
        let other = try Self.fingerprint(chunk: chunk, filters: filters)
        #expect(checksum(other) == checksum(plain), "\(chunk) \(filters)")
        #expect(other.splits[0].parts[0].contents[0].chunks == chunk)
      }
    }
  }

  @Test func everyValueAndItsPlaceCount() throws {
    let plain = checksum(try Self.fingerprint())
    for index in [0, 1, 5999, 11_999] {
      #expect(try checksum(Self.fingerprint { $0[index] = -$0[index] }) != plain)
      #expect(try checksum(Self.fingerprint { $0.swapAt(index, 77) }) != plain)
    }
  }

  /// 8,000 bytes are 5 of 32 chunks of the inputs, and all targets.
  @Test func aSampleOfLargeDataIsRead() throws {
    let plain = try Self.fingerprint(limit: 8000)
    let contents = plain.splits[0].parts[0].contents
    #expect(contents.map(\.isComplete) == [false, true, true])
    #expect(try checksum(Self.fingerprint(), 1) == checksum(plain, 1))
    #expect(
      try checksum(Self.fingerprint(limit: 8000) { for index in $0.indices { $0[index] += 1 } })
        != checksum(plain))
    let seen = try (0..<32).map { chunk in
      try checksum(
        Self.fingerprint(limit: 8000) { inputs in
          let first = chunk * 16 * 24
          inputs[min(first + 100, inputs.count - 1)] += 1
        }) != checksum(plain)
    }
    #expect(seen.first == true && seen.last == true)
    #expect(seen.count { $0 } == 5)
    // At least one chunk, whatever its size.
    #expect(try checksum(Self.fingerprint(limit: 0) { $0[3] += 1 }) != checksum(Self.fingerprint(limit: 0)))
  }

  @Test func smallDatasetsAreReadCompletelyFirst() {
    #expect(ByteShares.shares(of: [10, 1000, 30, 2000], limit: 5000) == [10, 1000, 30, 2000])
    #expect(ByteShares.shares(of: [10, 1000, 30, 2000], limit: 1040) == [10, 500, 30, 500])
    #expect(ByteShares.shares(of: [.max, .max], limit: 100) == [50, 50])
    #expect(ByteShares.shares(of: [], limit: 100) == [])
  }

  @Test func filesAreTold() throws {
    func fingerprint(_ files: Int, changing changed: Int? = nil) throws -> (DataFingerprint, [String]) {
      let folder = try TemporaryFolder()
      for number in 0..<files {
        try SmallDataset.dense.create(folder.file("\(number).h5")) { file in
          if number == changed {
            try file.put("train/targets", (0..<12).map { Int32(2 - $0 % 3) }, shape: [4, 3])
          }
        }
      }
      var configuration = Configuration()
      configuration.data.files = [folder.file("*.h5")]
      return try withExtendedLifetime(folder) {
        let dataset = try DatasetFile(configuration)
        return (try dataset.fingerprint(), dataset.paths)
      }
    }
    let (plain, files) = try fingerprint(3)
    #expect(plain.differences(from: plain, files: files) == [])
    #expect(
      try plain.differences(from: fingerprint(2).0, files: files) == [
        DataDifference(split: nil, file: files[0], "is one of 3 files, but the run was trained on 2")
      ])
    #expect(
      try plain.differences(from: fingerprint(3, changing: 1).0, files: files) == [
        DataDifference(
          split: "train", file: files[1],
          "dataset /train/targets: values differ from those the run was trained on")
      ])
  }
}

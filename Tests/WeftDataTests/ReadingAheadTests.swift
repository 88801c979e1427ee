import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftConfiguration
@testable import WeftData
@testable import WeftTasks

/// Prefetched data equals the file's, for any number of threads and any memory budget.
@Suite struct ReadingAheadTests {
  /// How a dataset is stored.
  enum Storage: String, CaseIterable {
    case contiguous
    case wholeRows
    case partsOfRows
    case compressed
    case checksummed

    var chunk: [Int]? {
      switch self {
      case .contiguous: nil
      case .wholeRows, .compressed, .checksummed: [8, 20, 16]
      case .partsOfRows: [24, 7, 5]
      }
    }

    var filters: [Filter] {
      switch self {
      case .compressed: [.shuffle, .deflate(level: 3)]
      case .checksummed: [.shuffle, .deflate(level: 1), .fletcher32]
      default: []
      }
    }
  }

  private static let sequences = 2000
  /// The value of a feature: its position in the file, so that each number identifies its origin.
  private static let values = (0..<sequences * 20 * 16).map { Float($0 % (1 << 24)) }

  /// A file of 2,000 sequences of 20 steps of 16 features, 2.5 MB, and the minimum memory budget.
  private static func configuration(
    _ folder: TemporaryFolder, _ storage: Storage, change: (inout Configuration) -> Void = { _ in }
  ) throws -> Configuration {
    let file = try File(creating: folder.file("data.h5"), overwrite: true)
    try file.write(
      "train/inputs", values, shape: [sequences, 20, 16], chunk: storage.chunk, filters: storage.filters)
    try file.write(
      "train/targets", (0..<sequences).map { Int32($0) }, chunk: storage.chunk.map { _ in [300] },
      filters: storage.filters)
    try file.close()
    var configuration = Configuration()
    configuration.data.file = folder.file("data.h5")
    configuration.data.memoryBudget = ByteCount(1 << 20)
    configuration.model.output = .lastStep
    configuration.model.outputSize = sequences
    configuration.training.batch = 30
    change(&configuration)
    return configuration
  }

  private static func source(
    _ configuration: Configuration, threads: Int, shuffles: Bool = true
  ) throws -> any BatchSource {
    try DatasetFile(configuration, threads: threads).batches(split: "train", shuffles: shuffles)
  }

  /// The sequences of a minibatch, according to its targets, after checking its inputs.
  private static func rows(_ batch: Minibatch) throws -> [Int] {
    guard case .classes(let classes) = batch.targets, case .features(let steps) = batch.inputs,
      case let inputs = steps.values, steps.width == 16
    else {
      throw WeftError.failure("features and classes are wanted")
    }
    for (row, sequence) in classes.enumerated() {
      let own = inputs[(row * 320)..<(row + 1) * 320]
      #expect(own.elementsEqual(values[(Int(sequence) * 320)..<(Int(sequence) + 1) * 320]))
    }
    return classes.map(Int.init)
  }

  @Test(arguments: Storage.allCases) func anEpochHasEverySequenceOnce(_ storage: Storage) throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.configuration(folder, storage)
    var orders: [[Int]] = []
    for epoch in 0..<2 {
      for threads in [1, 3] {
        let ahead = Prefetcher(try Self.source(configuration, threads: threads))
        let order = try (0..<ahead.batchesPerEpoch).flatMap {
          try Self.rows(ahead.batch(epoch: epoch, index: $0))
        }
        #expect(order.sorted() == Array(0..<Self.sequences))
        orders.append(order)
      }
    }
    #expect(orders[0] == orders[1] && orders[2] == orders[3], "threads change nothing")
    #expect(orders[0] != orders[2])
    // The same file: threads that read ahead may still have it open.
    var other = configuration
    other.training.seed += 1
    let source = try Self.source(other, threads: 1)
    #expect(try Self.rows(source.batch(epoch: 0, index: 0)) != Array(orders[0][..<30]))
  }

  @Test(arguments: Storage.allCases) func inOrderIsInOrder(_ storage: Storage) throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.configuration(folder, storage)
    let ahead = Prefetcher(try Self.source(configuration, threads: 2, shuffles: false), repeats: false)
    for _ in 0..<2 {
      let order = try (0..<ahead.batchesPerEpoch).flatMap { try Self.rows(ahead.batch(epoch: 0, index: $0)) }
      #expect(order == Array(0..<Self.sequences))
    }
  }

  /// A resumed run gets the same data: epoch and minibatch index are sufficient.
  @Test func anyMinibatchCanComeFirst() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.configuration(folder, .compressed)
    let whole = Prefetcher(try Self.source(configuration, threads: 2))
    let count = whole.batchesPerEpoch
    let batches = try (0..<2 * count).map { try whole.batch(epoch: $0 / count, index: $0 % count) }
    let resumed = Prefetcher(try Self.source(configuration, threads: 3))
    for first in [0, 1, 17, 33, count - 1, count, count + 40, 5] {
      for place in first..<min(first + 3, 2 * count) {
        #expect(try resumed.batch(epoch: place / count, index: place % count) == batches[place])
      }
    }
    // Without prefetching.
    let plain = try Self.source(configuration, threads: 1)
    for place in [40, 3, count + 2] {
      #expect(try plain.batch(epoch: place / count, index: place % count) == batches[place])
    }
  }

  /// Counts the bytes of blocks while they are fetched, decoded and used.
  @Test(arguments: Storage.allCases) func memoryStaysWithinTheBudget(_ storage: Storage) throws {
    for budget in [1 << 20, 2 << 20, 64 << 20] {
      // A file of its own: threads that read ahead may still have the one before open.
      let folder = try TemporaryFolder()
      let configuration = try Self.configuration(folder, storage) { $0.data.memoryBudget = ByteCount(budget) }
      for shuffles in [false, true] {
        let source = try Self.source(configuration, threads: 3, shuffles: shuffles)
        let store = try #require(source.reads?.store)
        let ahead = Prefetcher(source)
        for place in 0..<3 * ahead.batchesPerEpoch / 2 {
          _ = try ahead.batch(epoch: place / ahead.batchesPerEpoch, index: place % ahead.batchesPerEpoch)
        }
        let usage = store.usage
        #expect(usage.peakBytes <= budget * 15 / 16, "\(budget) \(shuffles)")
        #expect(usage.peakBytes > 0)
        ahead.suspend()
        #expect(store.usage.liveBytes == 0, "all is given back")
      }
    }
  }

  /// Reading single sequences must not decode a chunk once per sequence.
  @Test func aShuffledEpochDecodesEachChunkOnce() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.configuration(folder, .compressed) { $0.model.output = .lastStep }
    let source = try Self.source(configuration, threads: 2)
    let store = try #require(source.reads?.store)
    let ahead = Prefetcher(source, repeats: false)
    for index in 0..<ahead.batchesPerEpoch { _ = try ahead.batch(epoch: 0, index: index) }
    let inputs = Self.values.count * 4
    #expect(store.usage.decodedBytes >= inputs)
    // Targets are small, and their chunks belong to many groups.
    #expect(store.usage.decodedBytes < inputs + inputs / 4)
    // A small dataset stays in memory across epochs.
    let other = try TemporaryFolder()
    let roomy = try Self.configuration(other, .compressed) { $0.data.memoryBudget = ByteCount(64 << 20) }
    let whole = try Self.source(roomy, threads: 2)
    let again = Prefetcher(whole)
    for place in 0..<3 * again.batchesPerEpoch {
      _ = try again.batch(epoch: place / again.batchesPerEpoch, index: place % again.batchesPerEpoch)
    }
    #expect(try #require(whole.reads?.store).usage.chunks == 250 + 7)
  }

  @Test func aChunkLargerThanTheBudgetIsOneLine() throws {
    let folder = try TemporaryFolder()
    let file = try File(creating: folder.file("data.h5"))
    try file.write(
      "train/inputs", [Float](repeating: 0, count: 2000 * 320), shape: [2000, 20, 16], chunk: [1000, 20, 16])
    try file.write("train/targets", [Int32](repeating: 0, count: 2000))
    try file.close()
    var configuration = Configuration()
    configuration.data.file = folder.file("data.h5")
    configuration.data.memoryBudget = ByteCount(1 << 20)
    configuration.model.output = .lastStep
    configuration.model.outputSize = 2
    let error = #expect(throws: WeftError.self) { try Self.source(configuration, threads: 1) }
    #expect(
      error?.message
        == "\(configuration.data.file): dataset /train/inputs: its chunks need 1250 KiB each, but of"
        + " data.memory_budget 1MiB one may have 448 KiB; increase it, or rewrite the file with smaller chunks"
    )
  }

  @Test func damageIsToldWhereItIsRead() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.configuration(folder, .checksummed)
    let address: Int
    do {
      let dataset = try File(opening: configuration.data.file).dataset("train/inputs")
      address = Int(try #require(try dataset.chunkInfo(offset: [800, 0, 0])).address)
    }
    var bytes = try [UInt8](Data(contentsOf: URL(filePath: configuration.data.file)))
    bytes[address + 40] ^= 1
    try Data(bytes).write(to: URL(filePath: configuration.data.file))
    let ahead = Prefetcher(try Self.source(configuration, threads: 2, shuffles: false))
    var damaged: [Int] = []
    for index in 0..<ahead.batchesPerEpoch {
      do { _ = try ahead.batch(epoch: 0, index: index) } catch {
        damaged.append(index)
        #expect(
          error.message
            == "\(configuration.data.file): dataset /train/inputs: cannot read from [800, 0, 0]: the data is"
            + " damaged: checksum mismatch"
        )
      }
    }
    // Sequences 800 to 807 are in minibatch 26, which goes from 780 to 809.
    #expect(damaged == [26])
  }

  /// Windows of a stream cross chunks; rows of a carried stream read distant chunks.
  @Test(arguments: [false, true]) func streamsAreReadAhead(carries: Bool) throws {
    let folder = try TemporaryFolder()
    let steps = 90_001
    let file = try File(creating: folder.file("data.h5"))
    try file.write(
      "train/inputs", (0..<steps * 8).map { Float($0 / 8) }, shape: [steps, 8], chunk: [700, 8],
      filters: [.deflate(level: 1)])
    try file.close()
    var configuration = Configuration()
    configuration.data.file = folder.file("data.h5")
    configuration.data.window = 50
    configuration.data.memoryBudget = ByteCount(1 << 20)
    configuration.loss.kind = .squaredError
    configuration.training.batch = 12
    configuration.training.carryState = carries
    var seen = Set<Int>()
    for threads in [1, 2] {
      let source = try Self.source(configuration, threads: threads)
      let ahead = Prefetcher(source)
      for index in 0..<ahead.batchesPerEpoch {
        let batch = try ahead.batch(epoch: 0, index: index)
        guard case .features(let steps) = batch.inputs, case let inputs = steps.values, steps.width == 8,
          case .values(let truths) = batch.targets, case let targets = truths.values, truths.width == 8
        else {
          Issue.record("features are wanted")
          return
        }
        #expect(zip(inputs, targets).allSatisfy { $0 + 1 == $1 })
        for row in 0..<batch.rows {
          let first = Int(inputs[batch.offsets[row] * 8])
          for step in 0..<batch.lengths[row] {
            #expect(inputs[(batch.offsets[row] + step) * 8] == Float(first + step))
          }
          if threads == 1 { seen.formUnion(first..<first + batch.lengths[row]) }
        }
      }
      #expect(try #require(source.reads?.store).usage.peakBytes <= (1 << 20) * 15 / 16)
    }
    #expect(seen.count == 90_000, "every step that has a next one")
  }
}

/// Shuffling by groups of units, and bucketing by length.
@Suite struct ShuffleTests {
  private static func units(count: Int, perChunk: Int, chunksPerGroup: Int) -> ShuffleUnits? {
    ShuffleUnits(count: count, limit: chunksPerGroup * 100, byteCount: { _ in 100 }) { thing, body in
      body(ChunkStore.Key(dataset: 0, chunk: thing / perChunk))
    }
  }

  @Test func whatFitsIsShuffledWhole() {
    #expect(Self.units(count: 100, perChunk: 10, chunksPerGroup: 10) == nil)
    #expect(Self.units(count: 101, perChunk: 10, chunksPerGroup: 10)?.count == 11)
  }

  @Test(arguments: [1, 3, 16]) func groupsHoldWholeUnits(chunksPerGroup: Int) throws {
    let units = try #require(Self.units(count: 995, perChunk: 10, chunksPerGroup: chunksPerGroup))
    let order = EpochOrder(count: 995, seed: 3, units: units).order(epoch: 1)
    #expect(order.sorted() == Array(0..<995))
    #expect(order != EpochOrder(count: 995, seed: 3, units: units).order(epoch: 2))
    // Each range of a group's size contains only a bounded number of chunks.
    var place = 0
    var groups = 0
    while place < order.count {
      var chunks = Set<Int>()
      let first = place
      while place < order.count, chunks.count <= chunksPerGroup {
        chunks.insert(order[place] / 10)
        if chunks.count > chunksPerGroup { break }
        place += 1
      }
      groups += 1
      #expect(place - first > 10 * chunksPerGroup - 10 || place == order.count)
    }
    #expect(groups == (100 + chunksPerGroup - 1) / chunksPerGroup)
  }

  /// The mean distance that an item moves within a group of n is n/3, as between two random positions; chunks move
  /// anywhere.
  @Test func everySequenceMayComeAnywhere() throws {
    let units = try #require(Self.units(count: 1000, perChunk: 10, chunksPerGroup: 20))
    var distance = 0.0
    var neighbours = 0.0
    let epochs = 200
    for epoch in 0..<epochs {
      let order = EpochOrder(count: 1000, seed: 9, units: units).order(epoch: epoch)
      distance += order.enumerated().reduce(0) { $0 + Double(abs($1.offset - $1.element)) } / 1000
      neighbours += zip(order, order.dropFirst()).reduce(0) { $0 + ($1.0 / 10 == $1.1 / 10 ? 1 : 0) } / 999
    }
    // |i − j| of two random positions has the mean n/3 and the standard deviation n/√18; 200 epochs of 1,000 correlated
    // places keep the mean well within 5.
    #expect(abs(distance / Double(epochs) - 1000.0 / 3) < 5)
    // Of the 199 others in a group, 9 are of the same chunk.
    #expect(abs(neighbours / Double(epochs) - 9.0 / 199) < 0.004)
  }

  @Test func bucketsBringLikeLengthsTogether() {
    let lengths = (0..<1000).map { ($0 * 7919) % 97 + 1 }
    func spread(_ order: [Int]) -> Double {
      stride(from: 0, to: 1000, by: 10).reduce(0) { sum, first in
        let own = order[first..<first + 10].map { lengths[$0] }
        return sum + Double(own.max()! - own.min()!)
      } / 100
    }
    let plain = EpochOrder(count: 1000, seed: 1).order(epoch: 0)
    let buckets = LengthBuckets(minibatches: 20, rows: 10) { lengths[$0] }
    let order = EpochOrder(count: 1000, seed: 1, buckets: buckets).order(epoch: 0)
    #expect(order.sorted() == Array(0..<1000))
    #expect(spread(plain) > 70 && spread(order) < 8)
    // Minibatches are not ordered by length.
    let means = stride(from: 0, to: 200, by: 10).map { first in
      order[first..<first + 10].reduce(0) { $0 + lengths[$1] }
    }
    #expect(means != means.sorted() && means != means.sorted(by: >))
    // An incomplete last minibatch stays the last.
    let odd = EpochOrder(count: 995, seed: 1, buckets: buckets).order(epoch: 0)
    #expect(odd.sorted() == Array(0..<995))
    let whole = EpochOrder(count: 995, seed: 1).order(epoch: 0)
    #expect(odd.suffix(5) == whole.suffix(5))
  }
}

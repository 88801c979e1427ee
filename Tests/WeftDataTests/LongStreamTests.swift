import Foundation
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftTasks

/// The order of very many items: the same as that of a list of all, without the list.
@Suite struct LongOrderTests {
  @Test(arguments: [1, 2, 3, 4, 5, 16, 17, 1000, 4096, 70_001]) func permutationsHaveEveryNumberOnce(
    _ count: Int
  ) {
    let permutation = KeyedPermutation(key: RandomKey(seed: 3, purpose: 1, step: 2), count: count)
    #expect((0..<count).map { permutation[$0] }.sorted() == Array(0..<count))
  }

  /// As in ``EpochOrderTests``: a chi-square of 140 at 81 degrees of freedom is exceeded once in 20000.
  @Test func permutationsAreUniform() {
    var counts = [[Double]](repeating: [Double](repeating: 0, count: 10), count: 10)
    for step in 0..<10000 {
      let permutation = KeyedPermutation(key: RandomKey(seed: 1, purpose: 1, step: UInt64(step)), count: 10)
      for place in 0..<10 { counts[place][permutation[place]] += 1 }
    }
    let chiSquare = counts.flatMap(\.self).reduce(0) { $0 + ($1 - 1000) * ($1 - 1000) / 900 }
    #expect(chiSquare < 140, "\(chiSquare)")
  }

  /// Of n places, one keeps its number on average, and neighbours keep their distance as rarely.
  @Test func largePermutationsKeepNothingTogether() {
    let permutation = KeyedPermutation(key: RandomKey(seed: 9, purpose: 1), count: 1_000_003)
    let numbers = (0..<1_000_003).map { permutation[$0] }
    #expect(numbers.enumerated().count { $0.offset == $0.element } < 10)
    #expect(zip(numbers, numbers.dropFirst()).count { abs($0 - $1) == 1 } < 20)
    let distance = numbers.enumerated().reduce(0.0) { $0 + Double(abs($1.offset - $1.element)) } / 1_000_003
    // n/3, with a standard deviation of n/√18/√n.
    #expect(abs(distance - 1_000_003.0 / 3) < 1200)
  }

  /// The definition: units in random order, in groups of limited size, each shuffled by the method of Fisher and Yates.
  private static func defined(_ count: Int, _ units: ShuffleUnits, seed: UInt64, epoch: Int) -> [Int] {
    func key(_ purpose: UInt32, _ group: Int) -> RandomKey {
      RandomKey(seed: seed, purpose: purpose, step: UInt64(epoch) | UInt64(group) << 32)
    }
    let sequence = RandomSequence(key: key(RandomPurpose.shuffledUnits, 0)).permutation(of: units.count)
    return units.groups(of: sequence).enumerated().flatMap { number, group in
      let things = group.flatMap { units.things(of: $0) }
      return RandomSequence(key: key(RandomPurpose.shuffle, number)).permutation(of: things.count).map {
        things[$0]
      }
    }
  }

  @Test func ordersAreWhatTheyAreDefinedToBe() throws {
    let units = try #require(
      ShuffleUnits(count: 995, limit: 700, byteCount: { _ in 100 }) {
        $1(ChunkStore.Key(dataset: 0, chunk: $0 / 7))
      })
    let order = EpochOrder(count: 995, seed: 5, units: units)
    for epoch in [0, 3] {
      let defined = Self.defined(995, units, seed: 5, epoch: epoch)
      #expect(order.order(epoch: epoch) == defined)
      for places in [0..<10, 40..<300, 990..<995, 7..<7] {
        #expect(order.items(places, epoch: epoch) == Array(defined[places]))
      }
    }
    let plain = EpochOrder(count: 995, seed: 5)
    let key = RandomKey(seed: 5, purpose: RandomPurpose.shuffle, step: 2)
    #expect(plain.order(epoch: 2) == RandomSequence(key: key).permutation(of: 995))
  }

  /// The order of a billion items at once is not in memory.
  @Test func veryLargeGroupsAreComputedPlaceByPlace() {
    let count = 1_000_000_000
    let order = EpochOrder(count: count, seed: 4)
    let key = RandomKey(seed: 4, purpose: RandomPurpose.shuffle, step: 2)
    let permutation = KeyedPermutation(key: key, count: count)
    for first in [0, 500_000_000, count - 1000] {
      let items = order.items(first..<first + 1000, epoch: 2)
      #expect(items == (first..<first + 1000).map { permutation[$0] })
      #expect(Set(items).count == 1000)
      // The mean of 1,000 uniform numbers is n/2, with a standard deviation of n/√12/√1000.
      let mean = items.reduce(0) { $0 + Double($1) } / 1000
      #expect(abs(mean / Double(count) - 0.5) < 0.05)
    }
    #expect(order.items(0..<1000, epoch: 3) != order.items(0..<1000, epoch: 2))
  }

  /// Units of windows, found with and without visiting every window.
  @Test(arguments: [(7, 3, 20), (100, 1, 64), (3, 5, 4), (1000, 10, 999)])
  func itemsInTheSameBlocksAreSkipped(_ form: (steps: Int, stride: Int, perChunk: Int)) throws {
    let count = 5000
    var visits = 0
    func visit(_ number: Int, _ body: (ChunkStore.Key) -> Void) {
      visits += 1
      let start = number * form.stride
      for dataset in [Int32(0), 1] {
        // The second dataset has other chunks.
        let perChunk = form.perChunk * (dataset == 0 ? 1 : 3)
        for chunk in start / perChunk...(start + form.steps - 1) / perChunk {
          body(ChunkStore.Key(dataset: dataset, chunk: chunk))
        }
      }
    }
    let all = try #require(ShuffleUnits(count: count, limit: 4000, byteCount: { _ in 100 }, visit: visit))
    visits = 0
    let skipping = try #require(
      ShuffleUnits(count: count, limit: 4000, areAscending: true, byteCount: { _ in 100 }, visit: visit))
    #expect((0..<all.count).map(all.things) == (0..<skipping.count).map(skipping.things))
    #expect(
      EpochOrder(count: count, seed: 2, units: all).order(epoch: 1)
        == EpochOrder(count: count, seed: 2, units: skipping).order(epoch: 1))
    if form.perChunk / form.stride > 50 { #expect(visits < count) }
  }
}

/// A stream of 10⁹ steps: the time and the memory of a step do not depend on its length.
@Suite(.serialized, .enabled(if: Python.has("h5py"), Python.missing))
struct LongStreamTests {
  /// A stream in a file with holes, of which three values are written.
  private static func stream(_ steps: Int, in folder: TemporaryFolder) throws -> Configuration {
    let program = """
      import h5py
      with h5py.File("data.h5", "w") as f:
          form = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
          form.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY); form.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
          space = h5py.h5s.create_simple((\(steps),))
          h5py.h5d.create(f.create_group("train").id, b"inputs", h5py.h5t.IEEE_F32LE, space, form)
          d = f["train/inputs"]; d[0] = 1; d[\(steps) // 2] = 3; d[-1] = 4
      """
    #expect(try Python.run(program, in: folder.url).status == 0)
    var configuration = Configuration()
    configuration.data.file = folder.file("data.h5")
    configuration.loss.kind = .squaredError
    configuration.model.output = .lastStep
    configuration.training.batch = 32
    return configuration
  }

  /// Resident memory of this process, in bytes.
  private static var residentBytes: Int {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
    return (Int(line.split(whereSeparator: { !$0.isNumber }).first ?? "") ?? 0) << 10
  }

  @Test(arguments: [true, false], [true, false]) func stepsAreCheap(forecasts: Bool, shuffles: Bool) throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.stream(1_000_000_000, in: folder)
    if forecasts {
      (configuration.data.context, configuration.data.horizon) = (24, 4)
    } else {
      configuration.data.window = 16
      configuration.data.stride = 1
    }
    let before = Self.residentBytes
    let start = ContinuousClock.now
    let dataset = try DatasetFile(configuration, threads: 2)
    let source = Prefetcher(try dataset.batches(split: "train", shuffles: shuffles))
    // Training takes every window; otherwise they begin after the forecast, or the window, before.
    let spacing = shuffles ? 1 : forecasts ? 4 : 16
    #expect(source.batchesPerEpoch == ((1_000_000_000 - (forecasts ? 28 : 16)) / spacing + 1 + 31) / 32)
    var steps = 0
    for (epoch, index) in [(0, 0), (0, 1), (0, source.batchesPerEpoch / 2), (3, source.batchesPerEpoch - 1)] {
      for next in index..<min(index + 3, source.batchesPerEpoch) {
        let batch = try source.batch(epoch: epoch, index: next)
        let values = try #require(batch.inputs.features).values
        #expect(values.allSatisfy { [0, 1, 3, 4].contains($0) })
        steps += 1
      }
    }
    #expect(steps == 10)
    // A list of all windows would take 8 GB; reads use the budget of 256 MiB.
    #expect(Self.residentBytes - before < 700 << 20, "\((Self.residentBytes - before) >> 20) MiB")
    #expect(ContinuousClock.now - start < .seconds(60), "\(ContinuousClock.now - start)")
  }
}

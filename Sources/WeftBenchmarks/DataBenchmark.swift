import HDF5
import WeftBase
import WeftConfiguration
import WeftData

/// Times dataset reading as in training: in order and shuffled.
package struct DataBenchmark {
  /// Parameters of the benchmark.
  package struct Options: Sendable {
    /// Path of the dataset; nil for the largest numeric dataset in the file.
    package var dataset: String?
    /// Sequences per minibatch.
    package var batch = 64
    /// Time steps per window of a stream.
    package var window = 100
    package var memoryBudget = ByteCount(256 << 20)
    package var threads = AvailableProcessors.count
    /// Epochs per order, in alternation.
    package var rounds = 3
    package var seed: UInt64 = 1

    package init() {}
  }

  /// Measurements of one order.
  package struct Epoch: Sendable {
    package let seconds: Double
    package let minibatches: Int
    package let usage: ChunkStore.Usage
  }

  /// Result of the measurement.
  package struct Result: Sendable {
    package let path: String
    package let shape: [Int]
    package let chunk: [Int]?
    package let datatype: String
    package let filters: [String]
    /// Bytes of the values, and what they take in the file.
    package let bytes: Int
    package let storedBytes: Int
    package let sequential: [Epoch]
    package let shuffled: [Epoch]
    /// Peak memory of the process in bytes.
    package let peakMemory: Int
  }

  private let dataset: Dataset
  private let file: String
  private let options: Options

  /// - Throws: If the file cannot be read or holds no such dataset of numbers.
  package init(file path: String, _ options: Options) throws(WeftError) {
    self.options = options
    file = path
    do {
      let file = try File(opening: path)
      if let name = options.dataset {
        dataset = try file.dataset(name)
      } else if let largest = try DataBenchmark.largest(in: file) {
        dataset = largest
      } else {
        throw WeftError.failure("\(path): contains no numeric dataset")
      }
      let rank = try dataset.shape.count
      guard dataset.datatype.isNumeric, (1...3).contains(rank), try !dataset.shape.contains(0) else {
        throw WeftError.failure(
          "\(path): dataset \(dataset.path): has type \(dataset.datatype) and shape \(try dataset.shape);"
            + " expected numbers in one to three dimensions; choose another with --dataset"
        )
      }
    } catch {
      throw WeftError(error, in: path)
    }
  }

  private static func largest(in file: File) throws -> Dataset? {
    var best: (dataset: Dataset, bytes: Int)?
    try file.visit { visit in
      guard visit.child.isDataset, visit.child.link == .hard else { return }
      let dataset = try file.dataset(visit.child.path)
      guard dataset.datatype.isNumeric, (1...3).contains(try dataset.shape.count) else { return }
      let bytes = try (dataset.dataspace.elementCount ?? 0).multipliedReportingOverflow(
        by: dataset.storedElementByteCount
      ).partialValue
      if bytes > best?.bytes ?? 0 { best = (dataset, bytes) }
    }
    return best?.dataset
  }

  /// Reads the whole dataset several times, in order and shuffled in turns.
  ///
  /// - Throws: If something in it cannot be read.
  package func run() throws(WeftError) -> Result {
    var (sequential, shuffled): ([Epoch], [Epoch]) = ([], [])
    for round in 0..<options.rounds {
      sequential.append(try epoch(round, shuffles: false))
      shuffled.append(try epoch(round, shuffles: true))
    }
    do {
      let shape = try dataset.shape
      return Result(
        path: dataset.path, shape: shape, chunk: dataset.chunkShape, datatype: "\(dataset.datatype)",
        filters: dataset.filters.map(\.description),
        bytes: try shape.reduce(dataset.storedElementByteCount, *), storedBytes: dataset.storageByteCount,
        sequential: sequential, shuffled: shuffled, peakMemory: ProcessUsage.peakMemory)
    } catch { throw WeftError(error) }
  }

  /// One epoch, from nothing in memory.
  private func epoch(_ epoch: Int, shuffles: Bool) throws(WeftError) -> Epoch {
    let store = ChunkStore(budget: options.memoryBudget.bytes, threads: options.threads)
    let start = ContinuousClock.now
    let source = Prefetcher(try source(store, shuffles: shuffles), repeats: false)
    for index in 0..<source.batchesPerEpoch { _ = try source.batch(epoch: epoch, index: index) }
    return Epoch(
      seconds: (ContinuousClock.now - start).seconds, minibatches: source.batchesPerEpoch, usage: store.usage)
  }

  private func source(_ store: ChunkStore, shuffles: Bool) throws(WeftError) -> any BatchSource {
    let seed = shuffles ? options.seed : nil
    do {
      let shape = try dataset.shape
      let reader = SequenceReader(
        dataset: dataset, file: file,
        content: .features(shape.count == 1 ? 1 : shape[shape.count - 1]),
        isScalar: shape.count == 1)
      let inputs = try InputReader(parts: [reader]).reading(through: store)
      if shape.count < 3 {
        let offsets = Array(stride(from: 0, to: shape[0], by: options.window)) + [shape[0]]
        return SequenceBatches(
          inputs: inputs, targets: nil, hasTargetPerStep: true, places: .ragged(offsets: offsets),
          batch: options.batch, shuffleSeed: seed)
      }
      return SequenceBatches(
        inputs: inputs, targets: nil, hasTargetPerStep: true,
        places: .dense(lengths: [Int](repeating: shape[1], count: shape[0])), batch: options.batch,
        shuffleSeed: seed)
    } catch {
      throw WeftError(error, in: file)
    }
  }
}

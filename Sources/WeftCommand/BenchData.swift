import ArgumentParser
import Foundation
import WeftBase
import WeftBenchmarks
import WeftConfiguration

/// Times the reading of a dataset.
struct BenchData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Time dataset reading as in training, in order and shuffled.",
    discussion: """
      Example:
        weft bench data recordings.h5 --dataset /train/inputs --threads 2
      """)

  @Argument(help: ArgumentHelp("The HDF5 file.", valueName: "file"), completion: .file(extensions: ["h5"]))
  var file: String
  @Option(help: ArgumentHelp("The dataset to read. (default: the largest numeric one)", valueName: "path"))
  var dataset: String?
  @OptionGroup var threads: ThreadOptions
  @Option(help: ArgumentHelp("Sequences per minibatch.", valueName: "n"))
  var batch = 64
  @Option(
    help: ArgumentHelp("Time steps per window, for a dataset of one or two dimensions.", valueName: "n"))
  var window = 100
  @Option(help: ArgumentHelp("Memory for prefetching, as data.memory_budget.", valueName: "amount"))
  var memoryBudget = "256MiB"
  @Option(help: ArgumentHelp("Epochs per order.", valueName: "n"))
  var rounds = 3
  @Flag(help: "Print JSON instead of text.")
  var json = false

  func validate() throws {
    for (name, value) in [("--batch", batch), ("--window", window), ("--rounds", rounds)] where value < 1 {
      throw WeftError.usage("\(name) must be at least 1, not \(value)")
    }
    if (ByteCount(text: memoryBudget)?.bytes ?? 0) < 1 << 20 {
      throw WeftError.usage("--memory-budget must be at least 1MiB, not '\(memoryBudget)'")
    }
  }

  func run() throws {
    var options = DataBenchmark.Options()
    options.dataset = dataset
    options.batch = batch
    options.window = window
    options.rounds = rounds
    options.threads = threads.count ?? AvailableProcessors.count
    options.memoryBudget = ByteCount(text: memoryBudget) ?? options.memoryBudget
    let report = DataBenchmarkReport(
      file: file, try DataBenchmark(file: file, options).run(), threads: options.threads, batch: batch)
    printText(json ? try report.json : report.text, terminator: "")
  }
}

/// The report of `bench data`.
struct DataBenchmarkReport: Report {
  struct Order: Encodable {
    /// Rate of decoded values: the median of the rounds.
    let megabytesPerSecond: Double
    let rounds: [Double]
    /// Shares of the threads' time spent decoding and fetching.
    let decodeShare: Double
    let fetchShare: Double
    /// Peak memory of chunks in bytes.
    let peakChunkBytes: Int
    /// Number of times each chunk was decoded.
    let readsOfEachByte: Double

    init(_ epochs: [DataBenchmark.Epoch], bytes: Int, threads: Int) {
      rounds = epochs.map { Double(bytes) / 1e6 / $0.seconds }
      let sorted = rounds.sorted()
      megabytesPerSecond = sorted[sorted.count / 2]
      let time = epochs.reduce(0) { $0 + $1.seconds } * Double(threads)
      decodeShare = epochs.reduce(0) { $0 + $1.usage.decodeSeconds } / time
      fetchShare = epochs.reduce(0) { $0 + $1.usage.fetchSeconds } / time
      peakChunkBytes = epochs.map(\.usage.peakBytes).max() ?? 0
      readsOfEachByte = Double(epochs[0].usage.decodedBytes) / Double(bytes)
    }
  }

  let file: String
  let dataset: String
  let shape: [Int]
  let chunk: [Int]?
  let datatype: String
  let filters: [String]
  let bytes: Int
  let storedBytes: Int
  let batch: Int
  let threads: Int
  let sequential: Order
  let shuffled: Order
  let peakMemoryBytes: Int

  init(file: String, _ result: DataBenchmark.Result, threads: Int, batch: Int) {
    self.file = file
    dataset = result.path
    shape = result.shape
    chunk = result.chunk
    datatype = result.datatype
    filters = result.filters
    bytes = result.bytes
    storedBytes = result.storedBytes
    self.batch = batch
    self.threads = threads
    sequential = Order(result.sequential, bytes: result.bytes, threads: threads)
    shuffled = Order(result.shuffled, bytes: result.bytes, threads: threads)
    peakMemoryBytes = result.peakMemory
  }

  var text: String {
    let stored = String(
      format: "%.1f MB, %.1f MB in the file", Double(bytes) / 1e6, Double(storedBytes) / 1e6)
    let filters = filters.isEmpty ? "no filters" : filters.joined(separator: ", ")
    var lines = [
      "\(file): \(dataset): \(datatype) \(shape), \(stored)",
      "  " + (chunk.map { "chunks of \($0), \(filters)" } ?? "not chunked"),
    ]
    for (name, order) in [("in order", sequential), ("shuffled", shuffled)] {
      lines.append(
        String(
          format: "  %@  %8.1f MB/s  %3.0f%% decoding, %.0f%% fetching, of the time of %d threads", name,
          order.megabytesPerSecond, 100 * order.decodeShare, 100 * order.fetchShare, threads))
    }
    lines.append(
      String(
        format: "  batches of %d; peak memory %.0f MiB in chunks, %.0f MiB in total", batch,
        Double(max(sequential.peakChunkBytes, shuffled.peakChunkBytes)) / 1_048_576,
        Double(peakMemoryBytes) / 1_048_576))
    return lines.map { $0 + "\n" }.joined()
  }
}

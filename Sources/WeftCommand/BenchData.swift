import ArgumentParser
import Foundation
import WeftBase
import WeftBenchmarks
import WeftConfiguration

/// Times the reading of a dataset.
struct BenchData: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Time the reading of a dataset as training reads it, in order and shuffled.",
    discussion: """
      Example:
        weft bench data recordings.h5 --dataset /train/inputs --threads 2
      """)

  @Argument(help: ArgumentHelp("The HDF5 file.", valueName: "file"), completion: .file(extensions: ["h5"]))
  var file: String
  @Option(help: ArgumentHelp("The dataset to read; the largest of numbers unless given.", valueName: "path"))
  var dataset: String?
  @OptionGroup var threads: ThreadOptions
  @Option(help: ArgumentHelp("Sequences of a minibatch.", valueName: "n"))
  var batch = 64
  @Option(help: ArgumentHelp("Time steps of a window of a dataset of one or two dimensions.", valueName: "n"))
  var window = 100
  @Option(help: ArgumentHelp("Memory for what is read ahead, as data.memory_budget.", valueName: "amount"))
  var memoryBudget = "256MiB"
  @Option(help: ArgumentHelp("Epochs of each order.", valueName: "n"))
  var rounds = 3
  @Flag(help: "Print JSON instead of text.")
  var json = false

  func validate() throws {
    for (name, value) in [("--batch", batch), ("--window", window), ("--rounds", rounds)] where value < 1 {
      throw WeftError.usage("\(name) must be 1 or more, not \(value)")
    }
    if (ByteCount(text: memoryBudget)?.bytes ?? 0) < 1 << 20 {
      throw WeftError.usage("--memory-budget must be an amount of 1MiB or more, not '\(memoryBudget)'")
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
    print(json ? try report.json : report.text, terminator: "")
  }
}

/// What `bench data` tells.
struct DataBenchmarkReport: Report {
  struct Order: Encodable {
    /// Of values, once decoded: medians of the rounds.
    let megabytesPerSecond: Double
    let rounds: [Double]
    /// Share of the threads' time that went into undoing filters, and into fetching from the file.
    let decodeShare: Double
    let fetchShare: Double
    /// Bytes that chunks took in memory, at the most.
    let peakChunkBytes: Int
    /// How often each chunk was decoded.
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
          format: "  %@  %8.1f MB/s  %3.0f %% decoding, %.0f %% fetching of %d threads' time", name,
          order.megabytesPerSecond, 100 * order.decodeShare, 100 * order.fetchShare, threads))
    }
    lines.append(
      String(
        format: "  batches of %d; at the peak %.0f MiB in chunks, %.0f MiB in all", batch,
        Double(max(sequential.peakChunkBytes, shuffled.peakChunkBytes)) / 1_048_576,
        Double(peakMemoryBytes) / 1_048_576))
    return lines.map { $0 + "\n" }.joined()
  }
}

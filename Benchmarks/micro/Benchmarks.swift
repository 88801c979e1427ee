import Benchmark
import Foundation
import HDF5
import Weft

/// Where the benchmarks keep what they read and write.
private let folder = URL(filePath: NSTemporaryDirectory()).appending(path: "weft-benchmarks-\(UUID())").path

let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration.metrics = [.wallClock, .cpuTotal, .throughput, .peakMemoryResident]
  Benchmark.defaultConfiguration.maxDuration = .seconds(5)
  Benchmark.startupHook = {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }
  Benchmark.shutdownHook = {
    try FileManager.default.removeItem(atPath: folder)
  }

  for cell in [CellKind.lstm, .gru, .tanh] {
    Benchmark("Training: 10 steps, \(cell.rawValue) 256, batch 64, window 50") { benchmark in
      let configuration = try tokenModel(cell)
      let trainer = try Trainer(configuration, output: "\(folder)/\(UUID())", threads: 1)
      benchmark.startMeasurement()
      try trainer.run()
      benchmark.stopMeasurement()
    }
  }

  for (name, filters) in [("plain", []), ("deflate", [Filter.deflate(level: 6)])] {
    Benchmark("HDF5: read 16 MiB of Float, \(name), in chunks of 256 KiB") { benchmark in
      let path = try floatFile(name, filters: filters)
      let dataset = try File(opening: path).dataset("values")
      for _ in benchmark.scaledIterations {
        blackHole(try dataset.read(as: Float.self))
      }
    }
  }
}

/// A model of a small vocabulary, and the stream of tokens that it reads.
private func tokenModel(_ cell: CellKind) throws -> Configuration {
  let path = "\(folder)/tokens.h5"
  if !FileManager.default.fileExists(atPath: path) {
    let file = try File(creating: path)
    let tokens = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* $0 / 7 % 96) }
    try file.write("train/tokens", tokens)
    try file.write("vocabulary", (0..<96).map(String.init))
    try file.close()
  }
  var configuration = Configuration()
  configuration.data.file = path
  configuration.data.window = 50
  configuration.model.cell = cell
  configuration.model.hidden = 256
  configuration.model.embedding = 64
  configuration.training.steps = 10
  return configuration
}

/// A file of 4 Mi numbers as a sensor would give them: a slow wave, to few digits.
private func floatFile(_ name: String, filters: [Filter]) throws -> String {
  let path = "\(folder)/\(name).h5"
  if !FileManager.default.fileExists(atPath: path) {
    let file = try File(creating: path)
    let values = (0..<4 << 20).map { (Float($0 % 1000) / 10).rounded() }
    try file.write("values", values, chunk: [65_536], filters: filters)
    try file.close()
  }
  return path
}

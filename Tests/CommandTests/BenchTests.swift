import Foundation
import HDF5
import TestSupport
import Testing

/// Benchmarks, on a tiny model.
@Suite struct BenchTests {
  static func json(_ arguments: [String], in folder: URL) throws -> [String: Any] {
    let result = try Command.run(["bench"] + arguments + ["--json"], in: folder)
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
  }

  @Test func timesTrainingAndWritesNothing() throws {
    try SmallRun.withFolder { folder in
      let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      let report = try Self.json(
        ["model", "small.yaml", "--threads", "2", "--steps", "5", "--warmup", "1"], in: folder)
      #expect(report["threads"] as? Int == 2)
      #expect(report["steps"] as? Int == 5)
      // Embedding 9 × 4, gates (4 + 8) × 24 + 24, outputs 8 × 9 + 9.
      #expect(report["parameters"] as? Int == 36 + 312 + 81)
      #expect(try #require(report["time_steps_per_second"] as? Double) > 0)
      #expect(try #require(report["peak_memory_bytes"] as? Int) > 1 << 20)
      let phases = try #require(report["phases"] as? [[String: Any]])
      #expect(phases.compactMap { $0["name"] as? String }.contains("weight gradients"))
      #expect(abs(phases.compactMap { $0["share"] as? Double }.reduce(0, +) - 1) < 1e-9)
      let text = try Command.run("bench", "model", "small.yaml", "--set", "model.hidden=16", in: folder)
      #expect(text.output.contains(" tokens/s, ") && text.output.contains("\n  waiting for threads "))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == before)
    }
  }

  @Test func timesGenerationOfARunOrAConfiguration() throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      for path in ["run", "small.yaml"] {
        let report = try Self.json(["generation", path, "--length", "20"], in: folder)
        #expect(try #require(report["steps_per_second"] as? Double) > 0)
        #expect(try #require(report["gigabytes_per_second"] as? Double) > 0)
        #expect(try #require(report["weight_bytes_per_step"] as? Int) > 0)
      }
      let text = try Command.run(
        "bench", "generation", "run", "--length", "20", "--threads", "2", in: folder)
      #expect(text.output.contains("2 sequences in parallel, "))
    }
  }

  @Test func timesSingleSteps() throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      let report = try Self.json(["latency", "run", "--steps", "50"], in: folder)
      #expect(report["steps"] as? Int == 50)
      let times = try ["median", "p90", "p99", "maximum"].map { name in
        try #require(report["\(name)_microseconds"] as? Double)
      }
      #expect(times[0] > 0 && times == times.sorted())
      let text = try Command.run("bench", "latency", "run", "--steps", "5", in: folder)
      #expect(text.output.hasPrefix("run: 5 steps of one sequence\n"))
    }
  }

  @Test func measuresAndDrawsScaling() throws {
    try SmallRun.withFolder { folder in
      // Requires only one CPU.
      let report = try Self.json(
        [
          "scaling", "small.yaml", "--threads", "1", "--steps", "2", "--rounds", "2", "--plot", "plot.svg",
          "--clock", "cpu",
        ], in: folder)
      #expect(report["clock"] as? String == "cpu")
      for name in ["strong", "weak"] {
        let series = try #require(report[name] as? [String: Any])
        let points = try #require(series["points"] as? [[String: Any]])
        #expect(points.map { $0["threads"] as? Int } == [1])
        #expect((points[0]["rounds"] as? [Double])?.count == 2)
        #expect((points[0]["phases"] as? [[String: Any]])?.count == 7)
        #expect(series["law"] == nil)
      }
      let svg = String(decoding: try SmallRun.contents(folder, "plot.svg"), as: UTF8.self)
      #expect(svg.hasPrefix("<svg ") && svg.contains("projection, not measured"))
    }
  }

  @Test(.enabled(if: ProcessInfo.processInfo.activeProcessorCount > 1, "the machine has one CPU"))
  func fitsALawToTwoThreadCounts()
    throws
  {
    try SmallRun.withFolder { folder in
      let report = try Self.json(
        ["scaling", "small.yaml", "--threads", "2,1", "--steps", "2", "--rounds", "3"], in: folder)
      let strong = try #require(report["strong"] as? [String: Any])
      let law = try #require(strong["law"] as? [String: Any])
      #expect(law["identifies_coherency"] as? Bool == false)
      let projection = try #require(strong["projection"] as? [[String: Any]])
      #expect(projection.map { $0["threads"] as? Int } == [1, 2, 4, 8, 16, 32, 64, 128])
      #expect(projection.map { $0["is_projection"] as? Bool }.prefix(3) == [false, false, true])
      let weak = try #require((report["weak"] as? [String: Any])?["points"] as? [[String: Any]])
      #expect(weak.map { $0["batch"] as? Int } == [4, 8])

      let text = try Command.run(
        "bench", "scaling", "small.yaml", "--threads", "1,2", "--steps", "1", "--rounds", "1", in: folder)
      #expect(text.output.contains("\nThis machine has only "))
      #expect(text.output.contains("κ = 0: two thread counts cannot distinguish it from σ"))
    }
  }

  @Test func timesTheReadingOfADataset() throws {
    try TemporaryFolder.use { folder in
      let path = folder.appending(path: "data.h5").path
      let file = try File(creating: path)
      try file.write("few", [Float(1), 2])
      try file.write(
        "many/x", (0..<4800).map { Float($0 % 50) }, shape: [80, 10, 6], chunk: [8, 10, 6],
        filters: [.shuffle, .deflate(level: 4)])
      try file.write("many/integers", [UInt8](repeating: 1, count: 3000), shape: [1000, 3], chunk: [100, 3])
      try file.close()
      let report = try Self.json(["data", "data.h5", "--threads", "2", "--rounds", "2"], in: folder)
      #expect(report["dataset"] as? String == "/many/x")
      #expect(report["bytes"] as? Int == 4800 * 4)
      #expect(report["filters"] as? [String] == ["shuffle", "deflate(4)"])
      #expect(try #require(report["peak_memory_bytes"] as? Int) > 1 << 20)
      for order in ["sequential", "shuffled"] {
        let measured = try #require(report[order] as? [String: Any])
        #expect((measured["rounds"] as? [Double])?.count == 2)
        #expect(try #require(measured["megabytes_per_second"] as? Double) > 0)
        let share = try #require(measured["decode_share"] as? Double)
        #expect(share > 0 && share < 1)
        #expect(measured["reads_of_each_byte"] as? Double == 1)
        #expect(try #require(measured["peak_chunk_bytes"] as? Int) >= 4800 * 4)
      }
      let text = try Command.run(
        "bench", "data", "data.h5", "--dataset", "many/integers", "--window", "30", "--batch", "5", in: folder
      )
      #expect(text.output.contains("/many/integers: uint8 [1000, 3], "))
      #expect(text.output.contains("\n  shuffled "))
      let missing = try Command.run("bench", "data", "data.h5", "--dataset", "none", in: folder)
      #expect(missing.status == 1)
      #expect(missing.errors.hasPrefix("weft: error: data.h5: dataset /none: cannot open: "))
    }
  }

  @Test(arguments: [
    (
      ["data", "small.h5", "--memory-budget", "lots"],
      "--memory-budget must be at least 1MiB, not 'lots'"
    ),
    (["data", "small.h5", "--batch", "0"], "--batch must be at least 1, not 0"),
    (["scaling", "small.yaml", "--threads", "1,x"], "--threads: 'x' is not a number"),
    (["scaling", "small.yaml", "--threads", "0"], "--threads: must be at least 1, not 0"),
    (["scaling", "small.yaml", "--threads", "99999"], "--threads: 99999 exceeds the "),
    (["model", "small.yaml", "--steps", "0"], "--steps must be at least 1, not 0"),
    (["generation", "small.yaml", "--length", "0"], "--length must be at least 1, not 0"),
  ]) func refusesWhatCannotBeMeasured(_ arguments: [String], _ message: String) throws {
    try SmallRun.withFolder { folder in
      let result = try Command.run(["bench"] + arguments, in: folder)
      #expect(result.errors.hasPrefix("weft: error: \(message)"))
      #expect(result.status == 2)
    }
  }
}

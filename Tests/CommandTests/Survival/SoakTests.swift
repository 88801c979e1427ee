import WeftBase

#if os(Linux)
  import Foundation
  import TestSupport
  import Testing

  /// A long run needs no more memory and open files than at its start, whatever disturbs it.
  @Suite struct SoakTests {
    private static let seconds = 15.0

    /// A run on data larger than its memory, with faults; `make soak` takes an hour on 10 GB.
    @Test(.enabled(if: Python.has("h5py"), Python.missing)) func aDisturbedRunEndsAsAnUndisturbedOne() throws
    {
      let script = Command.packageFolder.appending(path: "Tests/Survival/soak.py").path
      let result = try Command.shell(
        "'\(Python.path)' '\(script)' \"$WEFT\" 5 0.03", in: Command.packageFolder)
      #expect(result.status == 0, "\(result.output)\n\(result.errors)")
    }

    private struct Sample {
      let seconds: Double
      /// Resident memory.
      let kilobytes: Int
      let files: Int
    }

    @Test(.disabled(if: Sanitizer.isOn, "a sanitizer keeps freed memory"))
    func memoryAndOpenFilesStayFlat() throws {
      try SmallRun.withFolder { folder in
        // Evaluations are rare, because their history grows by design. So does prefetched data, up to its budget.
        let training = try Command.start(
          [
            "train", "small.yaml", "--output", "run", "--set", "data.memory_budget=1MiB", "--set",
            "training.steps=100000000", "--set",
            "model.hidden=96", "--set", "training.checkpoint_every=400", "--set",
            "training.evaluate_every=20000",
            "--set", "training.log_every=1000", "--set", "training.gradient_flow_every=1000", "--keep", "3",
          ], in: folder)
        let start = ContinuousClock.now
        var samples: [Sample] = []
        // The first quarter, at most half a minute, is for one-time allocations.
        let warmUp = min(Self.seconds / 4, 30)
        while training.isRunning {
          let elapsed = (ContinuousClock.now - start) / .seconds(1)
          if elapsed >= Self.seconds { break }
          if elapsed >= warmUp { samples.append(Self.sample(training.identifier, elapsed)) }
          usleep(useconds_t(min(1, Self.seconds / 80) * 1_000_000))
        }
        training.interrupt()
        let result = try training.finish()
        #expect(result.status == 130, "\(result.errors)")
        let half = samples.count / 2
        let (early, late) = (samples[..<half], samples[half...])
        let memory = (early.map(\.kilobytes).max() ?? 0, late.map(\.kilobytes).max() ?? 0)
        // The fewest: whether a sample meets a checkpoint in the writing is chance, a file left open stays.
        let files = (early.map(\.files).min() ?? 0, late.map(\.files).min() ?? 0)
        let step = Int(result.output.firstMatch(of: /at step (\d+)/)?.output.1 ?? "") ?? 0
        print(
          "soak of \(Int(Self.seconds)) s: \(step) steps, \(step / 400) checkpoints; maximum memory in the first"
            + " half \(memory.0) KiB, in the second \(memory.1) KiB; open files \(files.0) and \(files.1)")
        #expect(memory.0 > 0 && step >= 800)
        // An arena or the allocator may grow once more; a leak per checkpoint would be larger.
        #expect(memory.1 <= memory.0 + memory.0 / 50 + 512)
        #expect(files.0 > 0 && files.1 <= files.0)
      }
    }

    private static func sample(_ process: Int32, _ seconds: Double) -> Sample {
      let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
      let memory = status.firstMatch(of: /VmRSS:\s+(\d+) kB/).flatMap { Int($0.output.1) } ?? 0
      let files = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count) ?? 0
      return Sample(seconds: seconds, kilobytes: memory, files: files)
    }
  }
#endif

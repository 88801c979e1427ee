import Foundation
import TestSupport
import Testing

@testable import WeftCommand

/// `weft watch`.
@Suite struct WatchTests {
  @Test func showsCurvesOfARunThatEnded() throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      // It exits by itself, because the run has ended.
      for arguments in [["watch", "run"], ["watch", "run", "--once"]] {
        let result = try Command.run(arguments, in: folder)
        #expect(result.status == 0 && result.errors.isEmpty)
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0].hasPrefix("run  step 12/12, epoch ") && lines[0].hasSuffix("  ended"))
        #expect(lines[2].hasPrefix("loss  ● train ") && lines[2].contains("  ■ validation "))
        #expect(result.output.contains("\naccuracy  ● validation "))
        #expect(lines.count == 24 && lines.allSatisfy { $0.count <= 80 })
        #expect(!result.output.contains("\u{1B}"))
      }
    }
  }

  @Test func followsARunToItsEnd() throws {
    try SmallRun.withFolder { folder in
      let training = try Command.start(
        ["train", "small.yaml", "--output", "run", "--set", "training.steps=4000"], in: folder)
      while training.isRunning,
        !FileManager.default.fileExists(atPath: folder.appending(path: "run/metrics.jsonl").path)
      {
        usleep(1000)
      }
      let watched = try Command.run("watch", "run", "--interval", "0.05", in: folder)
      #expect(watched.status == 0)
      #expect(try training.finish().status == 0)
      #expect(watched.output.contains("  running\n"))
      // The last frame shows the end of the run.
      #expect(watched.output.contains("run  step 4000/4000, epoch "))
      #expect(watched.output.contains("  ended\n"))
    }
  }

  @Test func showsSeveralRunsInOneTable() throws {
    try SmallRun.withFolder { folder in
      for (name, hidden) in [("one", 8), ("two", 12)] {
        let trained = try Command.run(
          "train", "small.yaml", "--output", "runs/\(name)", "--set", "model.hidden=\(hidden)", in: folder)
        #expect(trained.status == 0)
      }
      let result = try Command.run("watch", "runs/one", "runs/two", in: folder)
      #expect(result.status == 0 && result.errors.isEmpty)
      let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines[0].contains("run") && lines[0].contains("validation") && lines[0].contains("accuracy"))
      #expect(lines[1].contains("one  12/12  ") && lines[1].hasSuffix("ended"))
      #expect(lines[2].contains("two  12/12  "))
      #expect(lines[4].hasPrefix("loss  ● one ") && lines[4].contains("  ■ two "))
      #expect(lines.count <= 24 && lines.allSatisfy { $0.count <= 80 })
    }
  }

  @Test func saysWhatIsWrong() throws {
    try TemporaryFolder.use { folder in
      let missing = try Command.run("watch", "nowhere", in: folder)
      #expect(missing.errors == "weft: error: nowhere: no such run\n")
      #expect(missing.status == 1)
      let empty = folder.appending(path: "empty")
      try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: false)
      let other = try Command.run("watch", "empty", in: folder)
      #expect(other.errors == "weft: error: empty: contains no metrics; is it a run's folder?\n")
      #expect(other.status == 1)
      #expect(try Command.run("watch", "nowhere", "--interval", "0", in: folder).status == 2)
    }
  }

  /// The dots of a falling line of 4 by 2 characters: 8 by 8 dots.
  @Test func drawsALineInDots() {
    var canvas = BrailleCanvas(columns: 4, rows: 2)
    canvas.line(from: (0, 0), to: (7, 7), series: 0)
    canvas.set(x: 8, y: 0, series: 0)
    #expect(canvas.lines { character, _ in String(character) } == ["⠑⢄  ", "  ⠑⢄"])
  }

  @Test func aPlotSpansItsValues() {
    let plot = CurvePlot(
      title: "loss",
      curves: [
        .init(name: "train", points: [(1, 4), (3, .nan), (5, 1), (10, 2)]), .init(name: "none", points: []),
      ])
    let lines = plot.lines(steps: 1...10, width: 40, height: 12, isColored: false)
    #expect(lines.count == 12 && lines.allSatisfy { $0.count <= 40 })
    #expect(lines[0] == "loss  ● train 2  ■ none")
    #expect(lines[1].hasPrefix("   4 │⠣") && lines[9].hasPrefix("   1 │  "))
    #expect(lines[11].hasPrefix("      1 ") && lines[11].hasSuffix(" step 10"))
    #expect(plot.lines(steps: 1...10, width: 40, height: 12, isColored: true)[1].contains("\u{1B}[36m"))
    // A narrow terminal truncates the legend.
    let narrow = plot.lines(steps: 1...10, width: 17, height: 8, isColored: false)
    #expect(narrow.allSatisfy { $0.count <= 17 } && narrow[0] == "loss  ● train 2  ")
  }
}

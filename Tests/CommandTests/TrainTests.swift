import Foundation
import HDF5
import TestSupport
import Testing

@Suite struct TrainTests {
  @Test func theResultDoesNotDependOnTheThreads() throws {
    try SmallRun.withFolder { folder in
      let one = try Command.run("train", "small.yaml", "--output", "one", "--threads", "1", in: folder)
      #expect(one.status == 0)
      #expect(one.output.contains("\none: finished at step 12, best validation loss "))
      #expect(one.errors.split(separator: "\n").count == 12)
      let three = try Command.run("train", "small.yaml", "-o", "three", "--threads", "3", in: folder)
      #expect(three.status == 0)
      for file in ["best.h5", "checkpoint-000000012.h5", "metrics.jsonl", "gradients.jsonl"] {
        #expect(
          try SmallRun.contents(folder, "one/\(file)") == SmallRun.contents(folder, "three/\(file)"),
          "\(file)")
      }
    }
  }

  /// The newest remaining checkpoint is between two evaluations, two records of gradients and two epochs.
  @Test func aResumedRunIsAnUndisturbedOne() throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "whole", in: folder).status == 0)
      let files = FileManager.default
      try files.copyItem(at: folder.appending(path: "whole"), to: folder.appending(path: "killed"))
      let later = ["checkpoint-000000008.h5", "checkpoint-000000010.h5", "checkpoint-000000012.h5"]
      for file in later { try files.removeItem(at: folder.appending(path: "killed/\(file)")) }

      let resumed = try Command.run(
        "train", "small.yaml", "--output", "killed", "--resume", "--threads", "3", in: folder)
      #expect(resumed.status == 0)
      #expect(resumed.errors.hasPrefix("step 6/12 "))
      for file in later + ["best.h5", "metrics.jsonl", "gradients.jsonl", "configuration.yaml"] {
        #expect(
          try SmallRun.contents(folder, "whole/\(file)") == SmallRun.contents(folder, "killed/\(file)"),
          "\(file)")
      }
    }
  }

  /// A search that was killed asks for steps that its trial has already taken.
  @Test func aRunPausesWhereItIs() throws {
    try SmallRun.withFolder { folder in
      for (more, step) in [
        (["--until-step", "6"], 6), (["--resume", "--until-step", "6"], 6),
        (["--resume", "--until-step", "3"], 6), (["--resume", "--until-step", "7"], 7),
      ] {
        let result = try Command.run(["train", "small.yaml", "--output", "run"] + more, in: folder)
        #expect(result.status == 0 && result.output.contains("\nrun: paused at step \(step), "), "\(result)")
        let name = "run/checkpoint-00000000\(step + 1).h5"
        #expect(!FileManager.default.fileExists(atPath: folder.appending(path: name).path))
      }
    }
  }

  @Test func anotherRunsFolderIsNotTouched() throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      let metrics = try SmallRun.contents(folder, "run/metrics.jsonl")
      let anew = try Command.run("train", "small.yaml", "--output", "run", in: folder)
      #expect(anew.status == 2)
      #expect(
        anew.errors == "weft: error: run: contains a run (at step 12); continue with --resume, or name"
          + " another --output\n")
      let other = try Command.run(
        "train", "small.yaml", "--output", "run", "--resume", "--set", "model.hidden=9", in: folder)
      #expect(other.status == 1)
      #expect(
        other.errors
          == "weft: error: run: contains a run with a different configuration: model.hidden: 9, was 8\n")
      #expect(try SmallRun.contents(folder, "run/metrics.jsonl") == metrics)
    }
  }

  @Test func otherDataNeedAFlagAndAreRecorded() throws {
    try SmallRun.withFolder { folder in
      let train = ["train", "small.yaml", "--output", "run"]
      #expect(try Command.run(train + ["--set", "training.steps=7"], in: folder).status == 0)
      let file = try File(opening: folder.appending(path: "text.h5").path, mode: .readWrite)
      try file.put("train/tokens", (0..<200).map { UInt8($0 * $0 / 5 % 9) })
      try file.close()
      let refused = try Command.run(train + ["--resume"], in: folder)
      #expect(refused.status == 1)
      let difference = "dataset /train/tokens: values differ from those the run was trained on"
      #expect(
        refused.errors
          == "weft: error: text.h5: \(difference); restore the data, or add --data-changed to go on"
          + " deliberately\n")
      let usage = try Command.run(train + ["--data-changed"], in: folder)
      #expect(usage.status == 2)
      #expect(usage.errors.hasPrefix("weft: error: --data-changed needs --resume\n"))
      let resumed = try Command.run(train + ["--resume", "--data-changed"], in: folder)
      #expect(resumed.status == 0)
      #expect(resumed.errors.hasPrefix("the data have changed: \(difference); epoch 1 starts anew\n"))
      let inspected = try Command.run("inspect", "run", in: folder)
      #expect(inspected.output.contains("\ndata changed after step 7: \(difference)\n"))
      #expect(
        try Command.run("inspect", "run", "--json", in: folder).output.contains(
          "\"difference\":\"\(difference)\""))
    }
  }

  @Test func aSignalSavesACheckpoint() throws {
    try SmallRun.withFolder { folder in
      let training = try Command.start(
        ["train", "small.yaml", "--output", "run", "--set", "training.steps=100000000"], in: folder)
      let metrics = folder.appending(path: "run/metrics.jsonl")
      for _ in 0..<1000 where (try? Data(contentsOf: metrics).isEmpty) ?? true { usleep(10_000) }
      training.interrupt()
      let result = try training.finish()
      #expect(result.status == 130)
      let step = try #require(result.output.firstMatch(of: /(?m)^run: interrupted at step (\d+)/)?.output.1)
      #expect(result.output.hasSuffix("; continue with --resume\n"))
      let inspected = try Command.run("inspect", "run", in: folder)
      #expect(inspected.output.hasPrefix("run: at step \(step)\n"))
      #expect(inspected.status == 0)
    }
  }

  @Test func aDamagedCheckpointIsSkippedAndTold() throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      let newest = folder.appending(path: "run/checkpoint-000000012.h5")
      let bytes = try Data(contentsOf: newest)
      try bytes.prefix(bytes.count / 2).write(to: newest)

      let inspected = try Command.run("inspect", "run", in: folder)
      #expect(inspected.status == 1)
      #expect(inspected.output.contains("checkpoint-000000012.h5  DAMAGED\n"))
      #expect(inspected.errors.hasPrefix("weft: error: run/checkpoint-000000012.h5: "))
      #expect(inspected.errors.split(separator: "\n").count == 1)

      let resumed = try Command.run("train", "small.yaml", "--output", "run", "--resume", in: folder)
      #expect(resumed.status == 0)
      #expect(resumed.errors.hasPrefix("skipped a damaged checkpoint: run/checkpoint-000000012.h5: "))
      #expect(try Command.run("inspect", "run", in: folder).status == 0)
      #expect(try Data(contentsOf: newest) == bytes)
    }
  }

  @Test(arguments: [
    (["train", "no.yaml"], 1, "no.yaml: cannot be read: No such file or directory"),
    (
      ["train", "smal.yaml"], 1,
      "smal.yaml: cannot be read: No such file or directory; did you mean 'small.yaml'?"
    ),
    (
      ["train", "small.yml"], 1,
      "small.yml: cannot be read: No such file or directory; did you mean 'small.yaml'?"
    ),
    (
      ["train", "small.yaml", "--set", "model.cel=gru"], 2,
      "--set: model.cel: unknown key; did you mean 'cell'?"
    ),
    (["train", "small.yaml", "--set", "model.hidden"], 2, "--set: expected KEY=VALUE, found 'model.hidden'"),
    (["train", "small.yaml", "--threads", "0"], 2, "--threads must be at least 1, not 0"),
    (["train", "wrong.yaml"], 1, "wrong.yaml:2: model.cel: unknown key; did you mean 'cell'?"),
    (
      ["train", "small.yaml", "--set", "data.file=no.h5"], 1, "no.h5: cannot open: no such file or directory"
    ),
  ]) func mistakesAreOneLine(_ arguments: [String], _ status: Int32, _ message: String) throws {
    try SmallRun.withFolder { folder in
      try Data("model:\n  cel: lstm\n".utf8).write(to: folder.appending(path: "wrong.yaml"))
      let result = try Command.run(arguments, in: folder)
      #expect(result.errors == "weft: error: \(message)\n")
      #expect(result.output.isEmpty)
      #expect(result.status == status)
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "runs").path))
    }
  }

  @Test func theFolderIsNamedAfterTheConfiguration() throws {
    try SmallRun.withFolder { folder in
      let result = try Command.run("train", "small.yaml", "--set", "training.steps=1", in: folder)
      #expect(result.output.contains("\nruns/small: finished at step 1"))
    }
  }
}

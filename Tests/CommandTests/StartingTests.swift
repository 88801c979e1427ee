import Foundation
import HDF5
import TestSupport
import Testing

/// Starting without a configuration: `weft init` and `weft train` with a dataset.
@Suite struct StartingTests {
  /// A folder with sequences of two classes that are easy to tell apart, and of labels that are.
  private static func withFolder(_ body: (URL) throws -> Void) throws {
    try TemporaryFolder.use { folder in
      for (name, areLabels) in [("signs.h5", false), ("labels.h5", true)] {
        let file = try File(creating: folder.appending(path: name).path)
        for (split, count) in [("train", 60), ("validation", 20), ("test", 20)] {
          try file.createGroup(split)
          let inputs: [Float] = (0..<count * 10).map { place in
            let level: Float = place / 10 % 2 == 0 ? 10 : -10
            return level + Float(place * 7919 % 13)
          }
          try file.write("\(split)/inputs", inputs, shape: [count, 5, 2])
          if areLabels {
            var labels: [Float] = []
            for row in 0..<count {
              let isOdd = row % 2 == 1
              // Some rows have both labels.
              labels += [isOdd || row % 5 == 0 ? 1 : 0, isOdd ? 0 : 1]
            }
            try file.write("\(split)/targets", labels, shape: [count, 2])
          } else {
            try file.write("\(split)/targets", (0..<count).map { UInt8($0 % 2) })
          }
        }
        try file.close()
      }
      try body(folder)
    }
  }

  @Test func initWritesWhatTrainUses() throws {
    try Self.withFolder { folder in
      let made = try Command.run("init", "signs.h5", in: folder)
      #expect(made.status == 0 && made.errors.isEmpty, "\(made.errors)")
      #expect(
        made.output.hasPrefix(
          "signs.h5: 60 sequences of 5 steps of 2 features; targets: one of 2 classes for each sequence\ntrain.yaml: "
        ))
      let again = try Command.run("init", "signs.h5", in: folder)
      #expect(again.status == 1)
      #expect(
        again.errors
          == "weft: error: train.yaml: exists already; name another file with --output, or add --overwrite\n")
      #expect(try Command.run("init", "signs.h5", "--overwrite", in: folder).status == 0)
      let few = ["--set", "training.epochs=4", "--set", "training.early_stopping_patience=0"]
      let first = try Command.run(["train", "train.yaml", "--output", "a"] + few, in: folder)
      #expect(first.status == 0, "\(first.errors)")
      let second = try Command.run(["train", "signs.h5", "--output", "b"] + few, in: folder)
      #expect(second.status == 0, "\(second.errors)")
      #expect(second.output.hasPrefix("# Which of 2 classes each sequence is of ('weft init signs.h5' gives"))
      #expect(second.output.contains("\nmodel:\n  cell: gru\n"))
      // The run is one like any other.
      #expect(
        try SmallRun.contents(folder, "a/metrics.jsonl") == SmallRun.contents(folder, "b/metrics.jsonl"))
      #expect(
        try SmallRun.contents(folder, "a/configuration.yaml")
          == SmallRun.contents(folder, "b/configuration.yaml"))
      let resumed = try Command.run(
        ["train", "signs.h5", "--output", "b", "--resume", "--json"] + few, in: folder)
      #expect(resumed.status == 0 && !resumed.output.contains("# Which"))
      let json = try Command.run("evaluate", "a", "--json", in: folder).output
      let report = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
      #expect(try #require(report["accuracy"] as? Double) > 0.9)
    }
  }

  /// Labels of 0 and 1 are not numbers to be standardized, as the inputs are.
  @Test func labelsKeepTheirValues() throws {
    try Self.withFolder { folder in
      let trained = try Command.run(
        "train", "labels.h5", "--output", "run", "--set", "training.epochs=6", in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      let json = try Command.run("evaluate", "run", "--json", in: folder).output
      let report = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
      let loss = try #require(report["loss"] as? Double)
      #expect(loss > 0 && loss < 0.7, "\(loss)")
    }
  }

  @Test func otherFilesNameTheirCommand() throws {
    try Self.withFolder { folder in
      try Data("day,cost,it's\n2020-01-01,3,4\n".utf8).write(to: folder.appending(path: "a b.csv"))
      try Data("A story.\n".utf8).write(to: folder.appending(path: "t.txt"))
      try Data().write(to: folder.appending(path: "x.npz"))
      for command in ["init", "train"] {
        let table = try Command.run(command, "a b.csv", in: folder)
        #expect(
          table.errors
            == "weft: error: a b.csv: is a table, not an HDF5 dataset; run: weft data table 'a b.csv' --inputs"
            + " 'cost,it'\\''s' --time day --split 0.8,0.1,0.1 --output 'a b.h5' && weft train 'a b.h5'\n")
        #expect(table.status == 2)
        let text = try Command.run(command, "t.txt", in: folder)
        #expect(text.errors.contains("run: weft data text t.txt --split 0.9,0.05,0.05 --output t.h5"))
        let arrays = try Command.run(command, "x.npz", in: folder)
        #expect(arrays.errors.contains("run: weft data numpy x.npz ") && arrays.status == 2)
        let near = try Command.run(command, "sings.h5", in: folder)
        #expect(
          near.errors
            == "weft: error: sings.h5: cannot open: no such file or directory; did you mean 'signs.h5'?\n")
      }
      let task = try Command.run("init", "signs.h5", "--task", "clasification", in: folder)
      #expect(task.errors.hasSuffix("did you mean 'classification'?\n") && task.status == 2)
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "train.yaml").path))
      // A text may be a configuration all the same.
      try Data("data:\n  file: none.h5\n".utf8).write(to: folder.appending(path: "c.txt"))
      #expect(try Command.run("train", "c.txt", in: folder).errors.hasPrefix("weft: error: c.txt: "))
    }
  }

  @Test func predictionsAndTheHardestExamplesAreOnThePage() throws {
    try Self.withFolder { folder in
      for (name, expected) in [
        (
          "signs.h5",
          ["Receiver operating characteristic", "Calibration of probabilities", "Hardest examples"]
        ),
        ("labels.h5", ["Precision and recall", "Labels at a threshold of ½", "Hardest examples"]),
      ] {
        let run = try Command.run(
          "train", name, "--output", "run-\(name)", "--set", "training.epochs=2", in: folder)
        #expect(run.status == 0, "\(run.errors)")
        let made = try Command.run("report", "run-\(name)", "--output", "page.html", in: folder)
        #expect(made.status == 0, "\(made.errors)")
        let page = try String(contentsOf: folder.appending(path: "page.html"), encoding: .utf8)
        for text in expected { #expect(page.contains(text), "\(name): \(text)") }
        #expect(page.contains("role=\"img\" aria-label=\"Receiver operating characteristic"))
      }
    }
  }
}

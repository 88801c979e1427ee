import Foundation

extension Campaign {
  /// All commands of `weft` for a damaged file.
  ///
  /// - Parameter folder: An empty folder `run` is in it.
  func commands(
    _ target: Target, _ item: Corpus.Item, _ file: String, _ folder: String
  ) throws -> [[String]] {
    let files = FileManager.default
    let kind = item.kind
    let run = "\(runs)/\(kind)"
    let data = "data.file=\(corpus.folder)/Seeds/\(kind).h5"
    let train = ["train", corpus.configuration(kind), "--threads", "2", "--output", "\(folder)/run"]
    switch target {
    case .datasets:
      return [
        train + ["--set", "data.file=\(file)"], ["inspect", file], ["data", "describe", file],
        ["evaluate", "\(run)/checkpoint-000000002.h5", "--threads", "2", "--split", "train", "--data", file],
      ]
    case .checkpoints:
      try files.copyItem(atPath: file, toPath: "\(folder)/run/checkpoint-000000002.h5")
      let use =
        kind == "text"
        ? ["generate", file, "--length", "3"] : ["evaluate", file, "--threads", "2", "--split", "train"]
      return [
        ["inspect", file], use, ["inspect", "\(folder)/run"],
        train + ["--resume", "--set", "training.steps=3", "--set", data],
      ]
    case .configurations:
      try files.copyItem(atPath: "\(corpus.folder)/Seeds/\(kind).h5", toPath: "\(folder)/\(kind).h5")
      return [["train", file, "--threads", "2", "--output", "\(folder)/run", "--set", "training.steps=2"]]
    case .models:
      if item.kind == "external" {
        let data = "\(FormatSeeds.external(corpus))/m.onnx.data"
        try files.copyItem(atPath: data, toPath: "\(folder)/m.onnx.data")
      }
      return [["import", file, "--output", "\(folder)/run"]]
    case .subwords:
      return [
        ["import", file, "--output", "\(folder)/run"],
        ["generate", "\(folder)/run", "--prompt", "the cat", "--length", "3"],
      ]
    case .arrays: return [["data", "numpy", file, "--output", "\(folder)/out.h5"]]
    case .tables:
      let output = ["--output", "\(folder)/out.h5", "--overwrite"]
      if item.suffix != "csv" { return [["data", "ts", file, "--missing", "mean"] + output] }
      let table = ["data", "table", file, "--inputs", "a"] + output
      return [table, table + ["--targets", "c", "--window", "2", "--missing", "mean"]]
    case .hierarchies:
      let output = ["--output", "\(folder)/out.h5", "--overwrite"]
      let inputs =
        switch kind {
        case "sparse": [["X"], ["S"], ["matrix"]]
        case "frames": [["fixed"], ["columns"], ["table"]]
        default: [["X"], ["signal", "--axes", "FT"]]
        }
      return [["inspect", file]] + inputs.map { ["data", "hdf5", file, "--inputs"] + $0 + output }
    case .translations:
      return [["data", "parallel", file, "--languages", "de,en", "--output", "\(folder)/out.h5"]]
    case .media:
      try Data("\(item.name)\ta word\n".utf8).write(to: URL(filePath: "\(folder)/list.tsv"))
      let isImage = ["png", "jpg"].contains(item.suffix)
      return [["data", isImage ? "images" : "audio", "\(folder)/list.tsv", "--output", "\(folder)/out.h5"]]
    case .logs:
      let run = "\(folder)/log"
      try files.copyItem(atPath: "\(runs)/text", toPath: run)
      let name =
        item.suffix == "events"
        ? try files.contentsOfDirectory(atPath: run).first { $0.hasPrefix("events.") }
          ?? "events.out.tfevents.0"
        : "\(kind).jsonl"
      try Data(item.bytes).write(to: URL(filePath: "\(run)/\(name)"))
      return [
        ["watch", run, "--once"], ["report", run, "--no-samples"], ["inspect", run, "--gradients"],
        [
          "train", corpus.configuration("text"), "--threads", "2", "--output", run, "--resume", "--set",
          "training.steps=3", "--set", "data.file=\(corpus.folder)/Seeds/text.h5", "--set",
          "training.gradient_flow_every=1",
        ],
      ]
    }
  }
}

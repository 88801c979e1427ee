import Foundation
import TestSupport
import Testing

@testable import WeftTraining

/// TensorBoard reads the event files of runs.
@Suite struct TensorBoardTests {
  /// Prints what TensorBoard's loader finds in the folder `run`, as JSON.
  private static let loader = """
    import json, sys
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    events = EventAccumulator(sys.argv[1], size_guidance={key: 0 for key in
        ["scalars", "images", "histograms", "tensors", "compressedHistograms"]}).Reload()
    tags = events.Tags()
    print(json.dumps({
        "scalars": {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in tags["scalars"]},
        "histograms": {tag: [[e.step, e.histogram_value.num] for e in events.Histograms(tag)]
                       for tag in tags["histograms"]},
        "images": {tag: [[e.step, e.encoded_image_string[:4].hex()] for e in events.Images(tag)]
                   for tag in tags["images"]},
        "texts": {tag: [[e.step, e.tensor_proto.string_val[0].decode()] for e in events.Tensors(tag)]
                  for tag in tags["tensors"]},
        "plugins": {tag: events.SummaryMetadata(tag).plugin_data.plugin_name for tag in tags["tensors"]},
    }))
    """

  /// A run that was interrupted, resumed, and once lost its latest checkpoints.
  private static func withRun(_ body: (URL) throws -> Void) throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      for step in ["08", "10", "12"] {
        try FileManager.default.removeItem(at: folder.appending(path: "run/checkpoint-0000000\(step).h5"))
      }
      #expect(try Command.run("train", "small.yaml", "--output", "run", "--resume", in: folder).status == 0)
      try body(folder)
    }
  }

  @Test(.enabled(if: Python.has("tensorboard"), Python.missing)) func itsLoaderShowsARun() throws {
    try Self.withRun { folder in
      let result = try Python.run(Self.loader, folder.appending(path: "run").path)
      #expect(result.status == 0, "\(result.output)")
      let line = try #require(result.output.split(separator: "\n").last)
      let found = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: [String: Any]])
      let scalars = try #require(found["scalars"] as? [String: [[Double]]])
      #expect(scalars["loss/train"]?.map { $0[0] } == (1...12).map(Double.init))
      #expect(scalars["loss/validation"]?.map { $0[0] } == [4, 8, 12])
      #expect(
        Set(scalars.keys).isSuperset(of: [
          "gradient_norm/train", "learning_rate/train", "accuracy/validation", "time/steps_per_second",
          "time/forward",
        ]))
      let records = try MetricsReader.records(in: folder.appending(path: "run/metrics.jsonl").path)
      let losses = records.filter { $0.split == "train" }.map { Float($0.values["loss"] ?? .nan) }
      #expect(scalars["loss/train"]?.map { Float($0[1]) } == losses)

      let histograms = try #require(found["histograms"] as? [String: [[Double]]])
      let weights = try #require(histograms["weights/layer0/forward/recurrent_weights"])
      #expect(weights.map { $0[0] } == [4, 8, 12] && weights.allSatisfy { $0[1] == 8 * 24 })
      #expect(histograms["gradients/output/bias"]?.allSatisfy { $0[1] == 9 } == true)
      let images = try #require(found["images"] as? [String: [[Any]]])
      #expect(images["gradient_flow/layer0/forward"]?.map { $0[0] as? Int } == [4, 8, 12])
      #expect(images["gradient_flow/layer0/forward"]?.allSatisfy { $0[1] as? String == "89504e47" } == true)
      let texts = try #require(found["texts"] as? [String: [[Any]]])
      #expect(texts["sample"]?.map { $0[0] as? Int } == [4, 8, 12])
      #expect((texts["sample"]?.first?[1] as? String)?.hasPrefix("**written**\n\n    ") == true)
      #expect(found["plugins"]?["sample"] as? String == "text")
    }
  }

  /// Loads a run, resumes it after losing some checkpoints, and loads new data like an open TensorBoard; prints the
  /// steps of each tag before and after.
  private static let reloader = """
    import json, subprocess, sys
    from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator
    events = EventAccumulator("run", size_guidance={"tensors": 0}).Reload()
    def steps():
        return {tag: [event.step for event in events.Tensors(tag)] for tag in events.Tags()["tensors"]}
    before = steps()
    subprocess.run(sys.argv[1:] + ["train", "small.yaml", "--output", "run", "--resume"], check=True,
                   capture_output=True)
    events.Reload()
    print(json.dumps([before, steps()]))
    """

  @Test(.enabled(if: Python.has("tensorboard"), Python.missing)) func oneThatIsOpenForgetsWhatWasLost() throws
  {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      for step in ["08", "10", "12"] {
        try FileManager.default.removeItem(at: folder.appending(path: "run/checkpoint-0000000\(step).h5"))
      }
      let result = try Python.run(Self.reloader, Command.program.path, in: folder)
      #expect(result.status == 0, "\(result.output)")
      let line = try #require(result.output.split(separator: "\n").last)
      let steps = try JSONDecoder().decode([[String: [Int]]].self, from: Data(line.utf8))
      #expect(steps[0]["loss/train"] == Array(1...12) && steps[0]["sample"] == [4, 8, 12])
      #expect(steps[1] == steps[0])
    }
  }

  @Test func itCanBeTurnedOff() throws {
    try SmallRun.withFolder { folder in
      let result = try Command.run(
        "train", "small.yaml", "--output", "run", "--set", "training.tensorboard=false", in: folder)
      #expect(result.status == 0)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "run").path)
      #expect(!names.contains { $0.contains("tfevents") } && names.contains("times.jsonl"))
    }
  }
}

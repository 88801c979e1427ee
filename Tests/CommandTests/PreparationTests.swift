import Foundation
import TestSupport
import Testing

/// A model reads data only if they were prepared as those of its training.
@Suite("Preparation of data") struct PreparationTests {
  private static func fixture(_ name: String) -> URL {
    Command.packageFolder.appending(path: "Tests/MediaTests/Fixtures/\(name)")
  }

  @Test("Audio of another rate or scale is refused") func audio() throws {
    try TemporaryFolder.use { folder in
      var list = ""
      for number in 0..<8 {
        try FileManager.default.copyItem(
          at: Self.fixture("voice.wav"), to: folder.appending(path: "\(number).wav"))
        list += "\(number).wav\t\("ab".prefix(number % 2 + 1))\n"
      }
      try Data(list.utf8).write(to: folder.appending(path: "clips.tsv"))
      for (name, options) in [
        ("a", []), ("same", ["--compression", "lzf"]), ("rate", ["--rate", "8000"]),
        ("scale", ["--mel-scale", "slaney"]),
      ] {
        let made = try Command.run(
          ["data", "audio", "clips.tsv", "--validation", "clips.tsv", "--mels", "20", "-o", "\(name).h5"]
            + options,
          in: folder)
        #expect(made.status == 0, "\(made.errors)")
      }
      let trained = try Command.run(
        "train", "a.h5", "--output", "run", "--set", "training.epochs=1", "--set", "model.hidden=4",
        in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      let together =
        "data: {files: [a.h5, rate.h5]}\nmodel: {cell: gru, hidden: 4}\nloss: {kind: ctc}\ntraining: {steps: 2}\n"
      try Data(together.utf8).write(to: folder.appending(path: "both.yaml"))
      let both = try Command.run("train", "both.yaml", "--output", "both", in: folder)
      #expect(
        both.status == 1
          && both.errors.contains(
            "rate.h5: its inputs were computed differently from those of a.h5 (attribute 'preparation')"),
        "\(both.errors)")
      func evaluate(_ name: String) throws -> Command.Result {
        try Command.run("evaluate", "run", "--data", "\(name).h5", "--split", "validation", in: folder)
      }
      #expect(try evaluate("same").status == 0)
      for (name, difference) in [
        (
          "rate",
          "log_mel.high_frequency is 4000, not 8000, log_mel.hop_length is 80, not 160, log_mel.rate is 8000, not 16000 and 1 more"
        ),
        ("scale", "log_mel.scale is slaney, not htk"),
      ] {
        let message =
          "weft: error: \(name).h5: group /validation: its inputs were computed differently from those run/best.h5 was"
          + " trained on (attribute 'preparation'): \(difference); prepare the data as those of training\n"
        let result = try evaluate(name)
        #expect(result.status == 1 && result.errors == message, "\(result.errors)")
        let predicted = try Command.run(
          "predict", "run", "\(name).h5", "--split", "validation", "-o", "p.jsonl", in: folder)
        #expect(predicted.status == 1 && predicted.errors == message, "\(predicted.errors)")
      }
    }
  }
}

import Foundation
import TestSupport
import Testing

@testable import WeftMetrics

/// Small versions of the recipes for speech and captions: the same configurations and subcommands, on generated audio and
/// images, evaluated on held-out ones.
@Suite struct MediaRecipeTests {
  private static let datasets = Command.packageFolder.appending(path: "datasets")

  private static func copyConfiguration(_ recipe: String, to folder: URL) throws {
    try FileManager.default.copyItem(
      at: datasets.appending(path: "\(recipe)/train.yaml"), to: folder.appending(path: "train.yaml"))
  }

  private static func evaluate(_ folder: URL) throws -> [String: Any] {
    let measured = try Command.run("evaluate", "run", "--split", "test", "--json", in: folder)
    try #require(measured.status == 0, "\(measured.errors)")
    return try #require(
      try JSONSerialization.jsonObject(with: Data(measured.output.utf8)) as? [String: Any])
  }

  /// The pitch of each letter, in hertz.
  private static let pitches: [Character: Double] = ["a": 350, "b": 700, "c": 1200, "d": 2000, "e": 3100]

  /// A word as one tone per letter with gaps of varying length, in noise.
  private static func say(_ word: String, using random: inout SplitMix) -> [Float] {
    word.reduce(into: Self.noise(400, using: &random)) { samples, letter in
      let pitch = Self.pitches[letter] ?? 0
      let count = Int.random(in: 500...1100, using: &random)
      samples += (0..<count).map { place in
        let envelope = sin(Double.pi * Double(place) / Double(count))
        return Float(0.4 * envelope * sin(2 * Double.pi * pitch * Double(place) / 8000))
      }
      samples += Self.noise(Int.random(in: 200...500, using: &random), using: &random)
    }
  }

  private static func noise(_ count: Int, using random: inout SplitMix) -> [Float] {
    (0..<count).map { _ in Float.random(in: -0.003...0.003, using: &random) }
  }

  @Test("tones are read as the letters that they stand for")
  func speech() throws {
    try TemporaryFolder.use { folder in
      var random = SplitMix(state: 5)
      var words: Set<String> = []
      while words.count < 90 {
        let letters = (0..<Int.random(in: 2...4, using: &random)).map { _ in
          "abcde".randomElement(using: &random)!
        }
        words.insert(String(letters))
      }
      var list = ""
      for (number, word) in words.sorted().enumerated() {
        let file = WaveFile.integers(Self.say(word, using: &random), rate: 8000)
        try Data(file).write(to: folder.appending(path: "\(number).wav"))
        list += "\(number).wav\t\(word)\n"
      }
      try Data(list.utf8).write(to: folder.appending(path: "clips.tsv"))
      try Self.copyConfiguration("spoken-phrases", to: folder)
      let made = try Command.run(
        "data", "audio", "clips.tsv", "--rate", "8000", "--hop", "20", "--mels", "20", "--speeds",
        "0.95,1,1.05",
        "--split", "0.7,0.1,0.2", "--output", "spoken-phrases.h5", in: folder)
      try #require(made.status == 0, "\(made.errors)")
      let trained = try Command.run(
        "train", "train.yaml", "--output", "run", "--set", "model.hidden=24", "--set", "model.layers=1",
        "--set",
        "training.epochs=30", "--set", "training.batch=8", "--set", "optimizer.learning_rate=0.01", in: folder
      )
      try #require(trained.status == 0, "\(trained.errors)")
      // Empty output has an error rate of 1.
      let errors = try #require(try Self.evaluate(folder)["label_error_rate"] as? Double)
      #expect(errors < 0.15)

      var right = 0
      for word in ["ace", "bed", "dab", "ebba"] {
        let file = WaveFile.integers(Self.say(word, using: &random), rate: 8000)
        try Data(file).write(to: folder.appending(path: "new.wav"))
        let greedy = try Command.run("transcribe", "run", "new.wav", "--beam", "1", in: folder)
        let beam = try Command.run(
          "transcribe", "run", "new.wav", "--plot", "\(word).svg", in: folder)
        #expect(greedy.status == 0 && beam.status == 0, "\(greedy.errors)\(beam.errors)")
        right += (greedy.output == word + "\n" ? 1 : 0) + (beam.output == word + "\n" ? 1 : 0)
        let picture = try String(contentsOf: folder.appending(path: "\(word).svg"), encoding: .utf8)
        #expect(
          picture.components(separatedBy: "class=\"label\"").count - 1 == beam.output.count - 1)
      }
      #expect(right >= 6)
    }
  }

  private static let colours: [(name: String, bytes: [UInt8])] = [
    ("red", [220, 30, 30]), ("green", [30, 160, 40]), ("blue", [30, 60, 220]), ("black", [10, 10, 10]),
  ]
  private static let shapes = ["square", "frame", "bar", "pole"]

  /// A shape of random size and position on white.
  private static func draw(_ colour: [UInt8], _ shape: String, using random: inout SplitMix) -> SmallPNG {
    let size = 32
    let long = Int.random(in: 16...24, using: &random)
    let (width, height) = (shape == "pole" ? 6 : long, shape == "bar" ? 6 : long)
    let left = Int.random(in: 0...size - width, using: &random)
    let top = Int.random(in: 0...size - height, using: &random)
    return SmallPNG(width: size, height: size) { row, column in
      guard (top..<top + height).contains(row), (left..<left + width).contains(column) else {
        return [255, 255, 255]
      }
      let edge = min(row - top, top + height - 1 - row, column - left, left + width - 1 - column)
      return shape == "frame" && edge >= 4 ? [255, 255, 255] : colour
    }
  }

  @Test("shapes are captioned by color and kind")
  func captions() throws {
    try TemporaryFolder.use { folder in
      var random = SplitMix(state: 9)
      // Captions recur, so each split has its own list.
      var lists: [String: String] = [:]
      for number in 0..<20 {
        for colour in Self.colours {
          for shape in Self.shapes {
            let name = "\(colour.name)-\(shape)-\(number).png"
            try Self.draw(colour.bytes, shape, using: &random).bytes.write(to: folder.appending(path: name))
            let split = number < 14 ? "train" : number < 16 ? "validation" : "test"
            lists[split, default: ""] += "\(name)\ta \(colour.name) \(shape) on white\n"
          }
        }
      }
      for (split, list) in lists { try Data(list.utf8).write(to: folder.appending(path: "\(split).tsv")) }
      try Self.copyConfiguration("emoji", to: folder)
      let made = try Command.run(
        "data", "images", "train.tsv", "--validation", "validation.tsv", "--test", "test.tsv", "--size",
        "32x32",
        "--patch", "8", "--unit", "words", "--output", "emoji.h5", in: folder)
      try #require(made.status == 0, "\(made.errors)")
      let trained = try Command.run(
        "train", "train.yaml", "--output", "run", "--set", "model.hidden=24", "--set", "model.embedding=8",
        "--set",
        "decoder.hidden=32", "--set", "decoder.embedding=16", "--set", "training.epochs=25", "--set",
        "training.batch=16", "--set", "optimizer.learning_rate=0.01", in: folder)
      try #require(trained.status == 0, "\(trained.errors)")
      let measured = try Self.evaluate(folder)
      // Chance is one in sixteen captions.
      #expect(try #require(measured["exact"] as? Double) > 0.7)
      #expect(try #require(measured["bleu"] as? Double) > 75)

      var right = 0
      for colour in Self.colours {
        try Self.draw(colour.bytes, "bar", using: &random).bytes.write(to: folder.appending(path: "new.png"))
        let caption = try Command.run("caption", "run", "new.png", in: folder)
        right += caption.output == "a \(colour.name) bar on white\n" ? 1 : 0
      }
      #expect(right >= 3)
    }
  }
}

/// Random numbers of a seed (SplitMix64; Steele, Lea, Flood 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }
}

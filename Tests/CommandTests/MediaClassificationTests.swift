import Foundation
import TestSupport
import Testing

/// Recordings and images without classes, against the same ones as a dataset.
@Suite("Classes of recordings and images") struct MediaClassificationTests {
  private static let settings = [
    "training.epochs=6", "model.hidden=8", "model.dropout=0", "training.evaluate_every=0",
  ].flatMap { ["--set", $0] }

  /// The class and the probability in percent of each line, such as `x.wav: low  93.1%`.
  private static func classes(_ output: String) -> [String] {
    output.split(separator: "\n").compactMap { line in
      line.firstMatch(of: #/: (\w+)  ([0-9.]+)%/#).map { "\($0.1) \($0.2)" }
    }
  }

  private static func compare(_ kind: String, _ options: [String], ending: String, in folder: URL) throws {
    let made = try Command.run(
      ["data", kind, "c", "--classes", "-o", "c.h5"] + options, in: folder)
    try #require(made.status == 0, "\(made.errors)")
    let trained = try Command.run(["train", "c.h5", "-o", "r"] + settings, in: folder)
    try #require(trained.status == 0, "\(trained.errors)")
    let wanted = try Self.classes(Command.succeed("classify", "r", "c.h5", "--split", "train", in: folder))
    // Folders are read in the order of names, as the dataset was.
    let found = try Command.succeed("classify", "r", "c", in: folder)
    #expect(Self.classes(found) == wanted && wanted.count == 12, "\(found)")
    let one = try Command.succeed("classify", "r", "c/high/0.\(ending)", "--json", in: folder)
    #expect(one.contains("\"file\":\"c/high/0.\(ending)\"") && one.contains("\"class\":\""), "\(one)")
    try Data("text".utf8).write(to: folder.appending(path: "no.\(ending)"))
    let bad = try Command.run("classify", "r", "no.\(ending)", in: folder)
    #expect(bad.status == 1 && bad.errors.contains("no.\(ending)"), "\(bad.errors)")
  }

  private static func put(_ bytes: Data, _ name: String, in folder: URL) throws {
    let url = folder.appending(path: "c/\(name)")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try bytes.write(to: url)
  }

  @Test func recordings() throws {
    try TemporaryFolder.use { folder in
      for (name, pitch) in [("high", 2000.0), ("low", 300)] {
        for number in 0..<6 {
          let samples = (0..<2000 + 200 * number).map {
            Float(0.5 * sin(2 * Double.pi * (pitch + Double(10 * number)) * Double($0) / 8000))
          }
          try Self.put(Data(WaveFile.integers(samples, rate: 8000)), "\(name)/\(number).wav", in: folder)
        }
      }
      try Self.compare("audio", ["--rate", "8000", "--mels", "10"], ending: "wav", in: folder)
    }
  }

  @Test func images() throws {
    try TemporaryFolder.use { folder in
      for (name, level) in [("high", 200), ("low", 30)] {
        for number in 0..<6 {
          let picture = SmallPNG(width: 8, height: 8) { row, column in
            [UInt8(level + number), UInt8(level + row), UInt8(level + column)]
          }
          try Self.put(picture.bytes, "\(name)/\(number).png", in: folder)
        }
      }
      try Self.compare("images", ["--size", "8x8", "--patch", "4"], ending: "png", in: folder)
    }
  }
}

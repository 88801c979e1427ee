import Foundation
import HDF5
import TestSupport
import Testing

@Suite("weft data audio and images")
struct DataMediaTests {
  private static let fixtures = Command.packageFolder.appending(path: "Tests/MediaTests/Fixtures").path

  @Test("converted datasets are summarized, described and read")
  func make() throws {
    try TemporaryFolder.use { folder in
      func manifest(_ name: String, _ files: [String]) throws {
        try files.map { "\(Self.fixtures)/\($0)\tthe file \($0)\n" }.joined()
          .write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
      }
      try manifest("clips.tsv", ["voice.wav", "voice.flac", "voice.ogg"])
      let audio = try Command.run(
        "data", "audio", "clips.tsv", "--rate", "8000", "--mels", "20", "-o", "clips.h5", in: folder)
      #expect(audio.status == 0 && audio.errors.isEmpty, "\(audio.errors)")
      #expect(audio.output.hasPrefix("clips.h5: train 3 recordings\n"))
      #expect(
        audio.output.contains(
          "3 files were converted, for example \(Self.fixtures)/voice.wav: resampled from 16000"))
      let preparation = try File(opening: folder.path + "/clips.h5").attributes.value(
        "preparation", as: String.self)
      #expect(
        preparation
          == #"{"log_mel":{"bands":20,"floor":1e-10,"high_frequency":4000,"hop_length":80,"low_frequency":0,"#
          + #""pre_emphasis":0,"rate":8000,"scale":"htk","window_length":200}}"#)

      try manifest("pictures.tsv", ["rgb.png", "colour.jpg"])
      let images = try Command.run(
        "data", "images", "pictures.tsv", "--size", "8x12", "--patch", "4", "--unit", "words", "-o",
        "pictures.h5", in: folder)
      #expect(images.status == 0 && images.errors.isEmpty, "\(images.errors)")
      #expect(try File(opening: folder.path + "/pictures.h5").dataset("train/inputs").shape == [2, 6, 48])
      for name in ["clips.h5", "pictures.h5"] {
        let description = try Command.run("data", "describe", name, in: folder)
        #expect(description.status == 0, "\(description.errors)")
      }
    }
  }

  @Test(
    "wrong options are named",
    arguments: [
      (["audio", "--mel-scale", "bark"], "--mel-scale: unknown scale 'bark'; choose htk or slaney"),
      (["audio", "--hop", "30"], "hop length of 480 samples: must be between 1 and the window length, 400"),
      (["audio", "--window", "nan"], "--window: must be a number of at most 1e12, not nan"),
      (["audio", "--rate", "9223372036854775807"], "--rate: must be at most 2147483647, not"),
      (["audio", "--rate", "900000"], "sampling rate 900000: must be between 1000 and 768000"),
      (["audio", "--mels", "400"], "too many mel bands (400): "),
      (["audio", "--longest", "0"], "--longest must be positive, not 0.0"),
      (
        ["audio", "--speeds", "1,fast"],
        "--speeds: 'fast' is not a number from 0.25 to 4; give factors such as 0.9,1,1.1"
      ),
      (["images", "--size", "32"], "--size: '32' is not a size such as 32x32"),
      (
        ["images", "--patch", "5"], "patches of 5 pixels do not divide 32 × 32; use a common divisor of both"
      ),
      (
        ["images", "--background", "red"], "--background: 'red' is not six hexadecimal digits such as ffffff"
      ),
      (["images", "--features", "sift"], "--features: unknown kind 'sift'; choose pixels or statistics"),
    ])
  func usage(_ arguments: [String], _ message: String) throws {
    try TemporaryFolder.use { folder in
      let result = try Command.run(["data"] + arguments + ["none.tsv", "-o", "out.h5"], in: folder)
      #expect(result.status == 2)
      #expect(result.errors.hasPrefix("weft: error: \(message)"), "\(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }

  @Test("a missing list or an empty folder gives one line and leaves no file")
  func missing() throws {
    try TemporaryFolder.use { folder in
      let missing = try Command.run("data", "images", "none.tsv", "-o", "out.h5", in: folder)
      #expect(missing.status == 1 && missing.errors.hasPrefix("weft: error: none.tsv: "), "\(missing.errors)")
      let empty = try Command.run("data", "audio", ".", "-o", "out.h5", in: folder)
      #expect(empty.status == 1)
      #expect(
        empty.errors.hasPrefix("weft: error: .: contains no file that ends in aif, "), "\(empty.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }
}

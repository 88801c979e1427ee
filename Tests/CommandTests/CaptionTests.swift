import Foundation
import TestSupport
import Testing

/// Captioning from the command line, from files to text.
@Suite struct CaptionTests {
  private static let configuration = """
    data:
      file: images.h5
      standardize: true
    model:
      kind: encoder-decoder
      layers: 0
      cell: lstm
      hidden: 16
      embedding: 8
    training:
      batch: 3
      lanes: 2
      steps: 120
    optimizer:
      learning_rate: 0.02

    """

  private static let images = Command.packageFolder.appending(path: "Tests/MediaTests/Fixtures")
  private static let captions: KeyValuePairs = [
    "rgb.png": "red and blue", "grey16.png": "a grey image", "palette.png": "paint",
  ]

  @Test func describesTheImagesThatItWasTrainedOn() throws {
    try TemporaryFolder.use { folder in
      var list = ""
      for (file, caption) in Self.captions {
        try FileManager.default.copyItem(
          at: Self.images.appending(path: file), to: folder.appending(path: file))
        list += "\(file)\t\(caption)\n"
      }
      try Data(list.utf8).write(to: folder.appending(path: "list.tsv"))
      try Data(Self.configuration.utf8).write(to: folder.appending(path: "train.yaml"))
      let made = try Command.run(
        "data", "images", "list.tsv", "--size", "16x16", "--patch", "8", "--unit", "words", "--minimum-count",
        "1",
        "--output", "images.h5", in: folder)
      try #require(made.status == 0, "\(made.errors)")
      let trained = try Command.run("train", "train.yaml", "--output", "run", in: folder)
      try #require(trained.status == 0, "\(trained.errors)")
      for (file, caption) in Self.captions {
        let result = try Command.run("caption", "run", file, in: folder)
        #expect(result.output == caption + "\n" && result.errors.isEmpty && result.status == 0)
      }
      let both = try Command.run("caption", "run", "rgb.png", "palette.png", "--beam", "1", in: folder)
      #expect(both.output == "rgb.png: red and blue\npalette.png: paint\n")

      let text = try Command.run("caption", "run", "list.tsv", in: folder)
      #expect(text.errors == "weft: error: list.tsv: is not a PNG or JPEG file\n" && text.status == 1)
      let translated = try Command.run("translate", "run", "--text", "red", in: folder)
      #expect(
        translated.errors
          == "weft: error: run/best.h5: is not a translation model\n")
    }
    try SmallRun.withFolder { folder in
      _ = try Command.run("train", "small.yaml", "--output", "run", in: folder)
      let result = try Command.run("caption", "run", "cat.png", in: folder)
      #expect(result.status == 1)
      #expect(
        result.errors
          == "weft: error: run/best.h5: has no record of how its images were divided into patches (attribute"
          + " 'preparation')\n"
      )
    }
  }

  @Test func captionsOfAnImageAreNotImages() throws {
    try TemporaryFolder.use { folder in
      for (file, _) in Self.captions {
        try FileManager.default.copyItem(
          at: Self.images.appending(path: file), to: folder.appending(path: file))
      }
      let list = "rgb.png\tred and blue\nrgb.png\tblue and red\npalette.png\tpaint\n"
      try Data(list.utf8).write(to: folder.appending(path: "list.tsv"))
      let made = try Command.run("data", "images", "list.tsv", "--output", "images.h5", in: folder)
      try #require(made.status == 0, "\(made.errors)")
      #expect(made.output.hasPrefix("images.h5: train 3 captions\n"))
      #expect(made.output.contains("several captions of an image: 2 images in all"))
    }
  }
}

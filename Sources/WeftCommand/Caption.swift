import ArgumentParser
import DatasetTools
import Foundation
import Media
import WeftBase

/// Captions images with a trained encoder-decoder.
struct Caption: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Caption images with a trained encoder-decoder.",
    discussion: """
      Images of any size are resized and divided into patches like those of the training data.

      Example:
        weft caption runs/emoji cat.png
      """)

  @OptionGroup var trained: TrainedRun

  @Argument(help: ArgumentHelp("PNG or JPEG files.", valueName: "image"), completion: .file())
  var images: [String]

  @OptionGroup var search: SearchOptions

  @OptionGroup var threads: ThreadOptions

  func run() throws {
    let model = try trained.model(threads: threads.count)
    let grid = try Preparation(of: model).patches
    guard let grid else {
      throw WeftError.failure(
        "\(model.path): has no record of how its images were divided into patches (attribute 'preparation')")
    }
    let features = try images.map { image in
      do { return grid.describe(try grid.image(image)) } catch let error as MediaError {
        throw WeftError.failure(error.description)
      }
    }
    let captions = try model.describe(
      features, width: grid.featureCount, search: search.search(of: model))
    for (image, caption) in zip(images, captions) {
      printText(OutputText.shown(images.count == 1 ? caption.text : "\(image): \(caption.text)"))
    }
  }
}

import WeftBase

/// Reads captions with their splits, `dataset_flickr8k.json`, `dataset_flickr30k.json` and `dataset_coco.json` (Karpathy and Li
/// 2015): images with a file name, a split and sentences. The file is in memory as a whole.
final class DividedCaptions: TranscribedReader {
  private let path: String
  private let folder: String
  private let images: [Image]
  private var place = (image: 0, sentence: 0)

  /// The splits, as other commands name them. What is left over of the validation images of COCO is for training.
  private static let names = [
    "train": "train", "restval": "train", "val": "validation", "valid": "validation", "test": "test",
  ]

  /// - Throws: If an image is of a split that is unknown.
  init(_ path: String, _ images: [Image], files: String?) throws(WeftError) {
    for image in images where Self.names[image.split] == nil {
      throw .data(
        "\(path): image '\(image.filename)' is of the split '\(image.split)'; it must be train, restval, val or test"
      )
    }
    self.path = path
    self.images = images
    folder = files ?? ListedFolder.folder(of: path, holding: images.first?.path ?? "")
  }

  var note: String? { "captions and splits of \(path), images in \(folder)" }
  var hasSeveralTexts: Bool { true }
  var splits: [String] { SplitNames.usualFirst(Array(Set(images.compactMap { Self.names[$0.split] }))) }

  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>? {
    while place.image < images.count {
      let image = images[place.image]
      guard place.sentence < image.sentences.count else {
        place = (place.image + 1, 0)
        continue
      }
      let text = image.sentences[place.sentence].text.joiningLines
      place.sentence += 1
      let at = "\(path): image \(place.image + 1)"
      guard !text.isEmpty else { return .failure(.data("\(at): \(image.path): has an empty sentence")) }
      return .success(
        TranscribedFile(
          path: PathParts.path(image.path, in: folder), name: image.path, text: text,
          split: Self.names[image.split], place: at))
    }
    return nil
  }

  /// An image with its split and its sentences.
  struct Image: Decodable {
    let filename: String
    let filepath: String?
    let split: String
    let sentences: [Sentence]

    var path: String { filepath.map { PathParts.path(filename, in: $0) } ?? filename }
  }

  /// A caption, or its words.
  struct Sentence: Decodable {
    let raw: String?
    let tokens: [String]?

    var text: String { raw ?? tokens?.joined(separator: " ") ?? "" }
  }
}

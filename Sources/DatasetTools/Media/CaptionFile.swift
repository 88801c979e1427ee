import WeftBase

/// Reads the captions of COCO, `captions_train2017.json`: images with an identifier and a file name, and annotations with the
/// identifier of an image and a caption. The file is in memory as a whole.
final class CaptionFile: TranscribedReader {
  private let path: String
  private var captions: ArraySlice<Caption>
  private let names: [Identifier: String]
  /// Images without a caption.
  private let left: Int
  private var number = 0
  private let folder: String

  /// Largest file.
  static let limit = 1 << 31

  /// - Throws: If two images have the same identifier.
  init(
    _ path: String, _ images: [Image], _ captions: [Caption], files: String?
  ) throws(WeftError) {
    self.path = path
    var names: [Identifier: String] = [:]
    for image in images {
      if let other = names.updateValue(image.fileName, forKey: image.id), other != image.fileName {
        throw .data(
          "\(path): image \(image.id.text) is '\(other)' and '\(image.fileName)'; identifiers must differ")
      }
    }
    self.names = names
    self.captions = captions[...]
    left = Set(names.keys).subtracting(captions.map(\.image)).count
    // captions_train2017.json tells the folder train2017.
    let stem = PathParts.stem(of: path)
    let split = stem.firstIndex(of: "_").map { String(stem[stem.index(after: $0)...]) } ?? stem
    let first = captions.lazy.compactMap { names[$0.image] }.first ?? ""
    folder =
      files
      ?? ListedFolder.folder(
        of: path, holding: first, others: ["../\(split)", split, "../images/\(split)", "images/\(split)"])
  }

  var note: String? {
    "captions of \(path), images in \(folder)"
      + (left > 0 ? "; images without a caption, left out: \(left)" : "")
  }
  var hasSeveralTexts: Bool { true }

  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>? {
    guard let caption = captions.popFirst() else { return nil }
    number += 1
    let place = "\(path): annotation \(number)"
    guard let name = names[caption.image] else {
      return .failure(.data("\(place): image_id \(caption.image.text) is none of its images"))
    }
    let text = caption.caption.joiningLines
    guard !text.isEmpty else { return .failure(.data("\(place): \(name): has no text")) }
    return .success(
      TranscribedFile(path: PathParts.path(name, in: folder), name: name, text: text, place: place))
  }

  /// A number, or a text in corpora made after its model.
  enum Identifier: Decodable, Hashable {
    case number(Int)
    case name(String)

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let number = try? value.decode(Int.self) {
        self = .number(number)
      } else {
        self = .name(try value.decode(String.self))
      }
    }

    var text: String {
      switch self {
      case .number(let number): "\(number)"
      case .name(let name): "'\(name)'"
      }
    }
  }

  /// An image with its identifier.
  struct Image: Decodable {
    let id: Identifier
    let fileName: String

    enum CodingKeys: String, CodingKey {
      case id
      case fileName = "file_name"
    }
  }

  /// A caption with the identifier of its image.
  struct Caption: Decodable {
    let image: Identifier
    let caption: String

    enum CodingKeys: String, CodingKey {
      case image = "image_id"
      case caption
    }
  }
}

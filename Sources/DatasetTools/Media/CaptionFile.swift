import Foundation
import WeftBase

/// Reads the captions of COCO, `captions_train2017.json`: images with an identifier and a file name, and annotations with the
/// identifier of an image and a caption. The file is in memory as a whole.
final class CaptionFile: TranscribedReader {
  private let path: String
  private var captions: ArraySlice<Contents.Caption>
  private let names: [Contents.Identifier: String]
  /// Images without a caption.
  private let left: Int
  private var number = 0
  private let folder: String

  /// Largest file.
  static let limit = 1 << 31

  /// - Parameter bytes: What the file contains.
  /// - Throws: If it has other contents.
  init(_ path: String, _ bytes: [UInt8], files: String?) throws(WeftError) {
    self.path = path
    let contents: Contents
    do {
      contents = try JSONDecoder().decode(Contents.self, from: Data(TextFile.withoutMark(bytes[...])))
    } catch {
      throw .data(
        "\(path): is neither a file of captions as of COCO, with 'images' (id, file_name) and 'annotations' (image_id,"
          + " caption), such as captions_train2017.json, nor with 'images' of 'filename', 'split' and 'sentences', such as"
          + " dataset_flickr8k.json, nor of lines with 'file_name' and 'text': \(Self.reason(error))"
      )
    }
    var names: [Contents.Identifier: String] = [:]
    for image in contents.images {
      if let other = names.updateValue(image.fileName, forKey: image.id), other != image.fileName {
        throw .data(
          "\(path): image \(image.id.text) is '\(other)' and '\(image.fileName)'; identifiers must differ")
      }
    }
    self.names = names
    captions = contents.annotations[...]
    left = Set(names.keys).subtracting(contents.annotations.map(\.image)).count
    // captions_train2017.json tells the folder train2017.
    let stem = PathParts.stem(of: path)
    let split = stem.firstIndex(of: "_").map { String(stem[stem.index(after: $0)...]) } ?? stem
    let first = contents.annotations.lazy.compactMap { names[$0.image] }.first ?? ""
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

  private static func reason(_ error: any Error) -> String {
    switch error as? DecodingError {
    case .keyNotFound(let key, let context):
      let place = context.codingPath.map(\.stringValue).joined(separator: " ")
      return "'\(key.stringValue)' is missing" + (place.isEmpty ? "" : " in \(place)")
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      return "\(context.codingPath.map(\.stringValue).joined(separator: " ")) has another type"
    default: return "it is not valid JSON"
    }
  }

  /// The members of the file that matter, by their names in it.
  private struct Contents: Decodable {
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

    struct Image: Decodable {
      let id: Identifier
      let fileName: String

      enum CodingKeys: String, CodingKey {
        case id
        case fileName = "file_name"
      }
    }

    struct Caption: Decodable {
      let image: Identifier
      let caption: String

      enum CodingKeys: String, CodingKey {
        case image = "image_id"
        case caption
      }
    }

    let images: [Image]
    let annotations: [Caption]
  }
}

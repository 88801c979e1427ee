import Foundation
import WeftBase

/// What a file of captions in JSON contains, in one of two forms that its first image tells.
enum CaptionContents: Decodable {
  /// Images with their splits and sentences, as of Karpathy.
  case divided([DividedCaptions.Image])
  /// Images with identifiers, and captions that name them, as of COCO.
  case listed([CaptionFile.Image], [CaptionFile.Caption])

  /// - Throws: If the file is in neither form.
  init(_ path: String, _ bytes: [UInt8]) throws(WeftError) {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(TextFile.withoutMark(bytes[...])))
    } catch {
      throw .data(
        "\(path): is neither a file of captions as of COCO, with 'images' (id, file_name) and 'annotations' (image_id,"
          + " caption), such as captions_train2017.json, nor with 'images' of 'filename', 'split' and 'sentences', such as"
          + " dataset_flickr8k.json, nor of lines with 'file_name' and 'text': \(Self.reason(error))"
      )
    }
  }

  init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: Member.self)
    var images = try members.nestedUnkeyedContainer(forKey: .images)
    if !images.isAtEnd, try images.nestedContainer(keyedBy: Member.self).contains(.sentences) {
      self = .divided(try members.decode([DividedCaptions.Image].self, forKey: .images))
    } else {
      self = .listed(
        try members.decode([CaptionFile.Image].self, forKey: .images),
        try members.decode([CaptionFile.Caption].self, forKey: .annotations))
    }
  }

  private enum Member: CodingKey {
    case images, annotations, sentences
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
}

/// Files of images that are not read, by their first bytes.
enum ForeignImage {
  /// Bytes that ``advice(_:)`` looks at.
  static let signatureByteCount = 12

  private static let kinds: [(offset: Int, bytes: [UInt8], name: String)] = [
    (0, Array("GIF8".utf8), "GIF"), (8, Array("WEBP".utf8), "WebP"), (0, Array("BM".utf8), "BMP"),
    (0, Array("II*\0".utf8), "TIFF"), (0, Array("MM\0*".utf8), "TIFF"), (4, Array("ftypavif".utf8), "AVIF"),
    (4, Array("ftyphei".utf8), "HEIC"), (4, Array("ftypmif1".utf8), "HEIC"),
    (4, Array("jP  ".utf8), "JPEG 2000"),
    (0, [0xFF, 0x0A], "JPEG XL"),
  ]

  /// What a file is and how to convert it, to follow an error; empty if that is not known.
  static func advice(_ start: ArraySlice<UInt8>) -> String {
    if start.isEmpty { return ", but empty" }
    if start.first == UInt8(ascii: "<") { return ", but a page or a drawing (SVG)" }
    guard let kind = kinds.first(where: { start.dropFirst($0.offset).starts(with: $0.bytes) }) else {
      return ""
    }
    return ", but \(kind.name); convert it, as by 'magick old.\(ending(kind.name)) new.png' of ImageMagick"
  }

  private static func ending(_ name: String) -> String {
    switch name {
    case "TIFF": "tif"
    case "JPEG 2000": "jp2"
    case "JPEG XL": "jxl"
    default: name.lowercased()
    }
  }
}

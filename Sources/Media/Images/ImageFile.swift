import Foundation

/// Reads PNG and JPEG files, recognized by their first bytes.
public enum ImageFile {
  private static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  private static let jpegSignature: [UInt8] = [0xFF, 0xD8, 0xFF]

  /// Reads an image and resizes it by area averaging; a different aspect ratio is stretched.
  ///
  /// Palettes, gray, alpha and 16 bits per channel are supported. Images are limited to 40 million pixels.
  /// - Parameters:
  ///   - path: A PNG or JPEG file.
  ///   - height: Height in pixels.
  ///   - width: Width in pixels.
  ///   - background: Background of transparent pixels: red, green and blue, 0 to 1.
  /// - Throws: If the file cannot be read, is not PNG or JPEG, is damaged or too large.
  public static func read(
    _ path: String, height: Int, width: Int, background: (Float, Float, Float) = (1, 1, 1)
  ) throws(MediaError) -> RGBImage {
    precondition(height > 0 && width > 0, "an image of \(height) × \(width) pixels")
    let file = try SystemFile(path)
    var start = [UInt8](repeating: 0, count: ForeignImage.signatureByteCount)
    let count = fread(&start, 1, start.count, file.stream)
    rewind(file.stream)
    let pixels: PixelRows
    if count >= pngSignature.count, start.starts(with: pngSignature) {
      pixels = try PNGDecoder.decode(file, path: path)
    } else if count >= jpegSignature.count, start.starts(with: jpegSignature) {
      pixels = try JPEGDecoder.decode(file, path: path)
    } else {
      throw MediaError(path, "is not a PNG or JPEG file\(ForeignImage.advice(start.prefix(count)))")
    }
    return AreaAverage.resize(pixels, height: height, width: width, background: background)
  }
}

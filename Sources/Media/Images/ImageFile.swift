import Foundation

/// Image files, PNG and JPEG by what they begin with, whatever their names.
public enum ImageFile {
  private static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  private static let jpegSignature: [UInt8] = [0xFF, 0xD8, 0xFF]

  /// Reads an image and brings it to a size by averaging areas; another shape is stretched.
  ///
  /// Palettes, grey, alpha and 16 bits a channel are understood. Memory is bounded by 40 million pixels an image.
  /// - Parameters:
  ///   - path: A PNG or JPEG file.
  ///   - height: Rows to have.
  ///   - width: Pixels of a row to have.
  ///   - background: What shows where the image is transparent: red, green and blue, 0 to 1.
  /// - Throws: If the file cannot be read, is neither PNG nor JPEG, is damaged or too large.
  public static func read(
    _ path: String, height: Int, width: Int, background: (Float, Float, Float) = (1, 1, 1)
  ) throws(MediaError) -> RGBImage {
    precondition(height > 0 && width > 0, "an image of \(height) × \(width) pixels")
    let file = try SystemFile(path)
    var start = [UInt8](repeating: 0, count: pngSignature.count)
    let count = fread(&start, 1, start.count, file.stream)
    rewind(file.stream)
    let pixels: PixelRows
    if count == start.count, start == pngSignature {
      pixels = try PNGDecoder.decode(file, path: path)
    } else if count >= jpegSignature.count, start.starts(with: jpegSignature) {
      pixels = try JPEGDecoder.decode(file, path: path)
    } else {
      throw MediaError(path, "is not a PNG or JPEG file")
    }
    return AreaAverage.resize(pixels, height: height, width: width, background: background)
  }
}

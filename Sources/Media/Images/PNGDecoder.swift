import CPNG

/// Reads PNG of any kind through libpng's simplified interface.
enum PNGDecoder {
  /// The pixels of an open file: palettes resolved, gray as equal channels, 16 bits reduced to 8, with alpha.
  ///
  /// - Throws: If the file is damaged or too large.
  static func decode(_ file: SystemFile, path: String) throws(MediaError) -> PixelRows {
    var image = png_image()
    cpng_prepare(&image)
    defer { png_image_free(&image) }
    guard png_image_begin_read_from_stdio(&image, file.stream) != 0 else { throw failure(path, image) }
    let (width, height) = (Int(image.width), Int(image.height))
    try ImageLimits.check(width: width, height: height, path: path)
    cpng_choose_rgba(&image)
    var bytes = [UInt8](repeating: 0, count: width * height * 4)
    guard png_image_finish_read(&image, nil, &bytes, 0, nil) != 0, cpng_failed(&image) == 0 else {
      throw failure(path, image)
    }
    return PixelRows(width: width, height: height, channels: 4, bytes: bytes)
  }

  private static func failure(_ path: String, _ image: png_image) -> MediaError {
    var image = image
    let message = withUnsafePointer(to: &image) { String(cString: cpng_message($0)) }
    return MediaError(path, "PNG cannot be decoded: \(message)")
  }
}

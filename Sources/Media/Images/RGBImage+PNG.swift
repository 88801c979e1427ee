import CPNG

extension RGBImage {
  /// The image as a PNG file with 8 bits per channel.
  ///
  /// - Throws: If memory is exhausted.
  public func png() throws(MediaError) -> [UInt8] {
    var image = png_image()
    cpng_prepare(&image)
    cpng_choose_rgb(&image)
    image.width = UInt32(width)
    image.height = UInt32(height)
    let pixels = bytes
    // The first call returns the size, the second writes.
    var size = 0
    guard png_image_write_to_memory(&image, nil, &size, 0, pixels, 0, nil) != 0 else {
      throw MediaError(nil, "an image cannot be written: \(String(cString: cpng_message(&image)))")
    }
    var file = [UInt8](repeating: 0, count: size)
    guard png_image_write_to_memory(&image, &file, &size, 0, pixels, 0, nil) != 0 else {
      throw MediaError(nil, "an image cannot be written: \(String(cString: cpng_message(&image)))")
    }
    return Array(file[..<size])
  }
}

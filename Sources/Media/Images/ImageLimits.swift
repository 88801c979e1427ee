/// Limits of images, so that a small file cannot exhaust memory.
enum ImageLimits {
  /// Width times height: 40 million pixels, 160 MB while they are decoded.
  static let pixels = 40_000_000
  /// Size of a JPEG file in bytes, which is kept in memory during decoding.
  static let fileBytes = 64 << 20

  /// - Throws: If there are no pixels or too many.
  static func check(width: Int, height: Int, path: String) throws(MediaError) {
    guard width > 0, height > 0 else {
      throw MediaError(path, "claims \(width) × \(height) pixels")
    }
    let (count, overflows) = width.multipliedReportingOverflow(by: height)
    guard !overflows, count <= pixels else {
      throw MediaError(path, "\(width) × \(height) pixels exceed the limit of \(pixels)")
    }
  }
}

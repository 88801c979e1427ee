import CTurboJPEG
import Foundation

/// Reads JPEG through libjpeg-turbo.
enum JPEGDecoder {
  /// The pixels of an open file, without alpha. A rotation noted in the file's metadata is not applied.
  ///
  /// - Throws: If the file is damaged, truncated, too large, or CMYK.
  static func decode(_ file: SystemFile, path: String) throws(MediaError) -> PixelRows {
    guard file.size <= ImageLimits.fileBytes else {
      throw MediaError(
        path, "\(file.size) bytes exceed the limit of \(ImageLimits.fileBytes)")
    }
    var data = [UInt8](repeating: 0, count: file.size)
    guard fread(&data, 1, data.count, file.stream) == data.count else {
      throw MediaError(path, "is truncated")
    }
    guard let decoder = tjInitDecompress() else { throw MediaError(path, "no memory to decode JPEG") }
    defer { tjDestroy(decoder) }
    func failure() -> MediaError {
      MediaError(path, "JPEG cannot be decoded: \(String(cString: tjGetErrorStr2(decoder)))")
    }
    var (width, height, subsampling, colours): (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
    guard
      tjDecompressHeader3(decoder, data, UInt(data.count), &width, &height, &subsampling, &colours) == 0
    else { throw failure() }
    try ImageLimits.check(width: Int(width), height: Int(height), path: path)
    guard colours != Int32(TJCS_CMYK.rawValue), colours != Int32(TJCS_YCCK.rawValue) else {
      throw MediaError(path, "CMYK JPEG is not supported; convert it to RGB")
    }
    var bytes = [UInt8](repeating: 0, count: Int(width) * Int(height) * 3)
    // A progressive file may contain thousands of scans, each of which costs a pass over the image.
    let flags = TJFLAG_LIMITSCANS | TJFLAG_ACCURATEDCT
    guard
      tjDecompress2(
        decoder, data, UInt(data.count), &bytes, width, 0, height, Int32(TJPF_RGB.rawValue), flags) == 0
    else { throw failure() }
    return PixelRows(width: Int(width), height: Int(height), channels: 3, bytes: bytes)
  }
}

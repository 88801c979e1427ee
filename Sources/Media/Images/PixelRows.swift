/// The decoded pixels of an image, 8 bits a channel.
struct PixelRows {
  let width: Int
  let height: Int
  /// 3 for red, green and blue; 4 with alpha, by which the others are not multiplied.
  let channels: Int
  /// [height, width, channels].
  let bytes: [UInt8]
}

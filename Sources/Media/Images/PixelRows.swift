/// The decoded pixels of an image, 8 bits per channel.
struct PixelRows {
  let width: Int
  let height: Int
  /// Channels: 3 for red, green and blue; 4 with (unassociated) alpha.
  let channels: Int
  /// [height, width, channels].
  let bytes: [UInt8]
}

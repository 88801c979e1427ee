/// Red, green and blue, from 0 to 1, as encoded in the file (sRGB, not linear light).
public struct RGBImage: Equatable, Sendable {
  /// Height in pixels.
  public let height: Int
  /// Width in pixels.
  public let width: Int
  /// [height, width, 3].
  public let values: [Float]

  /// - Parameter values: [height, width, 3], from 0 to 1.
  public init(height: Int, width: Int, values: [Float]) {
    precondition(values.count == height * width * 3, "\(values.count) values for \(height) × \(width) pixels")
    self.height = height
    self.width = width
    self.values = values
  }

  /// The image with 8 bits per channel [height, width, 3], rounded to nearest.
  public var bytes: [UInt8] {
    values.map { UInt8(max(0, min(255, ($0 * 255).rounded()))) }
  }
}

import Foundation

/// Division of an image into a sequence of patches, shared by a dataset and the models trained on it.
public struct PatchGrid: Codable, Equatable, Sendable {
  /// Patch features.
  public enum Features: String, Codable, Sendable, CaseIterable {
    /// Red, green and blue of every pixel, row by row, less a half: patch² × 3 features.
    case pixels
    /// Mean and standard deviation of red, green and blue, then a histogram of gradient directions: 14 features,
    /// independent of the patch size.
    ///
    /// Brightness is 0.299 red + 0.587 green + 0.114 blue; its gradient is half the difference of the neighbors, with
    /// the edge of the image repeated. A pixel adds the magnitude of its gradient, divided by the number of pixels of
    /// the patch, to one of 8 equal sectors, the first from 0° (increasing to the right) to 45°, clockwise.
    case statistics
  }

  /// Sectors of the histogram.
  static let sectors = 8

  /// Height of the image in pixels.
  public let height: Int
  /// Width of the image in pixels.
  public let width: Int
  /// Height and width of a patch in pixels.
  public let patch: Int
  /// Patch features.
  public let features: Features
  /// Background of transparent pixels: red, green and blue, 0 to 1.
  public let background: [Float]

  /// - Throws: If the patches do not divide the image.
  public init(
    height: Int, width: Int, patch: Int, features: Features = .pixels, background: [Float] = [1, 1, 1]
  ) throws(MediaError) {
    self.height = height
    self.width = width
    self.patch = patch
    self.features = features
    self.background = background
    try validate()
  }

  /// Validates values decoded from a file.
  ///
  /// - Throws: If the patches do not divide the image, or a setting is out of range.
  func validate() throws(MediaError) {
    guard (1...4096).contains(height), (1...4096).contains(width) else {
      throw MediaError(nil, "images of \(height) × \(width) pixels; each side must be 1 to 4096")
    }
    guard patch > 0, height.isMultiple(of: patch), width.isMultiple(of: patch) else {
      throw MediaError(
        nil, "patches of \(patch) pixels do not divide \(height) × \(width); use a common divisor of both")
    }
    guard background.count == 3, background.allSatisfy({ (0...1).contains($0) }) else {
      throw MediaError(nil, "a background of \(background); must be red, green and blue from 0 to 1")
    }
  }

  /// Number of patches of an image, row by row from the upper left.
  public var patchCount: Int { (height / patch) * (width / patch) }

  /// Features per patch.
  public var featureCount: Int {
    switch features {
    case .pixels: patch * patch * 3
    case .statistics: 6 + Self.sectors
    }
  }

  /// Reads an image file, resized to the grid, on its background.
  ///
  /// - Throws: As ``ImageFile``.
  public func image(_ path: String) throws(MediaError) -> RGBImage {
    try ImageFile.read(
      path, height: height, width: width, background: (background[0], background[1], background[2]))
  }

  /// The features of an image of the grid's size, [patches, features].
  public func describe(_ image: RGBImage) -> [Float] {
    precondition(image.height == height && image.width == width, "an image of another size than the grid's")
    var result: [Float] = []
    result.reserveCapacity(patchCount * featureCount)
    let gradients = features == .statistics ? Gradients(image) : nil
    for top in stride(from: 0, to: height, by: patch) {
      for left in stride(from: 0, to: width, by: patch) {
        if let gradients {
          appendStatistics(of: image, gradients, top: top, left: left, to: &result)
        } else {
          for row in top..<top + patch {
            let start = (row * width + left) * 3
            for value in image.values[start..<start + patch * 3] { result.append(value - 0.5) }
          }
        }
      }
    }
    return result
  }

  private func appendStatistics(
    of image: RGBImage, _ gradients: Gradients, top: Int, left: Int, to result: inout [Float]
  ) {
    let count = Float(patch * patch)
    var sums: [Float] = [0, 0, 0]
    var histogram = [Float](repeating: 0, count: Self.sectors)
    for row in top..<top + patch {
      for column in left..<left + patch {
        for channel in 0..<3 { sums[channel] += image.values[(row * width + column) * 3 + channel] }
        let (length, sector) = gradients[row, column]
        histogram[sector] += length
      }
    }
    let means = sums.map { $0 / count }
    // Computed around the mean, because sums of squares cancel.
    var squares: [Float] = [0, 0, 0]
    for row in top..<top + patch {
      for column in left..<left + patch {
        for channel in 0..<3 {
          let difference = image.values[(row * width + column) * 3 + channel] - means[channel]
          squares[channel] += difference * difference
        }
      }
    }
    result += means
    result += squares.map { ($0 / count).squareRoot() }
    result += histogram.map { $0 / count }
  }
}

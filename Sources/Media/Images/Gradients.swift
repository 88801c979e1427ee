import Foundation

/// Brightness gradients of an image.
struct Gradients {
  private let image: RGBImage
  private let brightness: [Float]

  init(_ image: RGBImage) {
    self.image = image
    let values = image.values
    brightness = (0..<image.height * image.width).map { pixel in
      0.299 * values[pixel * 3] + 0.587 * values[pixel * 3 + 1] + 0.114 * values[pixel * 3 + 2]
    }
  }

  /// Magnitude of the gradient, and the sector of its direction.
  subscript(row: Int, column: Int) -> (length: Float, sector: Int) {
    let right = self.brightness(row, min(column + 1, image.width - 1))
    let left = self.brightness(row, max(column - 1, 0))
    let below = self.brightness(min(row + 1, image.height - 1), column)
    let above = self.brightness(max(row - 1, 0), column)
    let (x, y) = ((right - left) / 2, (below - above) / 2)
    let angle = atan2(y, x)
    let turn = (angle < 0 ? angle + 2 * .pi : angle) / (2 * .pi)
    return ((x * x + y * y).squareRoot(), Int(turn * Float(PatchGrid.sectors)) % PatchGrid.sectors)
  }

  private func brightness(_ row: Int, _ column: Int) -> Float { brightness[row * image.width + column] }
}

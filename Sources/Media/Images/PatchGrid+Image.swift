extension PatchGrid {
  /// An image from patch features, [patches, features]: the image itself for pixels, the mean color of each patch for
  /// statistics.
  ///
  /// - Precondition: The number of values matches the grid.
  public func image(of values: [Float]) -> RGBImage {
    precondition(values.count == patchCount * featureCount, "numbers of another grid")
    var pixels = [Float](repeating: 0, count: height * width * 3)
    let columns = width / patch
    for row in 0..<height {
      for column in 0..<width {
        let start = ((row / patch) * columns + column / patch) * featureCount
        for channel in 0..<3 {
          let value =
            switch features {
            case .pixels: values[start + ((row % patch) * patch + column % patch) * 3 + channel] + 0.5
            case .statistics: values[start + channel]
            }
          pixels[(row * width + column) * 3 + channel] = min(max(value, 0), 1)
        }
      }
    }
    return RGBImage(height: height, width: width, values: pixels)
  }
}

/// Area-average resizing: an output pixel is the mean of the covered input, with partial weights at the edges.
struct AreaAverage {
  /// Input pixels covered by one output pixel, along one dimension.
  private struct Span {
    let first: Int
    /// Weights, which sum to 1.
    let weights: [Float]
  }

  private static func spans(from input: Int, to output: Int) -> [Span] {
    (0..<output).map { index in
      // In units of 1/output input pixels, all edges are integers.
      let (start, end) = (index * input, (index + 1) * input)
      let first = start / output
      let last = (end - 1) / output
      let weights = (first...last).map { pixel in
        Float(min(end, (pixel + 1) * output) - max(start, pixel * output)) / Float(input)
      }
      return Span(first: first, weights: weights)
    }
  }

  /// The resized image, on a background where it is transparent.
  ///
  /// - Parameter background: Red, green and blue, 0 to 1.
  static func resize(
    _ pixels: PixelRows, height: Int, width: Int, background: (Float, Float, Float)
  ) -> RGBImage {
    let columns = spans(from: pixels.width, to: width)
    let rows = spans(from: pixels.height, to: height)
    var values = [Float](repeating: 0, count: height * width * 3)
    var line = [Float](repeating: 0, count: pixels.width * 3)
    for (row, span) in rows.enumerated() {
      for (index, rowWeight) in span.weights.enumerated() {
        composite(pixels, row: span.first + index, background: background, into: &line)
        for (column, span) in columns.enumerated() {
          var (red, green, blue): (Float, Float, Float) = (0, 0, 0)
          for (offset, weight) in span.weights.enumerated() {
            let start = (span.first + offset) * 3
            red += weight * line[start]
            green += weight * line[start + 1]
            blue += weight * line[start + 2]
          }
          let target = (row * width + column) * 3
          values[target] += rowWeight * red
          values[target + 1] += rowWeight * green
          values[target + 2] += rowWeight * blue
        }
      }
    }
    return RGBImage(height: height, width: width, values: values)
  }

  /// Colors of a row, from 0 to 1.
  private static func composite(
    _ pixels: PixelRows, row: Int, background: (Float, Float, Float), into line: inout [Float]
  ) {
    let start = row * pixels.width * pixels.channels
    for column in 0..<pixels.width {
      let source = start + column * pixels.channels
      let alpha = pixels.channels == 4 ? Float(pixels.bytes[source + 3]) / 255 : 1
      let scale = alpha / 255
      line[column * 3] = Float(pixels.bytes[source]) * scale + (1 - alpha) * background.0
      line[column * 3 + 1] = Float(pixels.bytes[source + 1]) * scale + (1 - alpha) * background.1
      line[column * 3 + 2] = Float(pixels.bytes[source + 2]) * scale + (1 - alpha) * background.2
    }
  }
}

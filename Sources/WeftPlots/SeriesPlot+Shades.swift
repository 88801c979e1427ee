import WeftBase

extension SeriesPlot {
  /// A heat map, such as a spectrogram: one column per step, one row per value, from the bottom.
  public struct Shades: Sendable {
    /// The step of the first column.
    public var first: Int
    /// Columns of equal length.
    public var columns: [[Double]]

    /// Shades that start at a step.
    public init(first: Int, columns: [[Double]]) {
      self.first = first
      self.columns = columns
    }

    var rowCount: Int { columns.first?.count ?? 1 }

    /// Shade of each value, 0 for none: linear between the 2nd and 98th percentiles.
    func levels(_ count: Int) -> [[Int]] {
      let sorted = columns.joined().sorted()
      guard !sorted.isEmpty else { return [] }
      let (low, high) = (sorted[sorted.count / 50], sorted[(sorted.count - 1) * 49 / 50])
      let scale = high > low ? Double(count) / (high - low) : 0
      return columns.map { column in
        column.map { min(max(Int(limiting: (($0 - low) * scale).rounded(.down)), 0), count - 1) }
      }
    }
  }

  /// A label at a step.
  public struct Label: Sendable {
    /// The text.
    public var text: String
    /// Position of its center.
    public var step: Double

    /// A label at a step.
    public init(_ text: String, step: Double) {
      self.text = text
      self.step = step
    }
  }

  private static let shadeCount = 10

  /// One path per shade, made of runs of steps, in units of steps and rows.
  func drawn(_ shades: Shades, _ frame: Frame) -> [String] {
    let levels = shades.levels(Self.shadeCount)
    var paths = [String](repeating: "", count: Self.shadeCount)
    for row in 0..<shades.rowCount {
      var start = 0
      while start < levels.count {
        let level = levels[start][row]
        var end = start + 1
        while end < levels.count, levels[end][row] == level { end += 1 }
        paths[level] += "M\(start) \(row)h\(end - start)v1h-\(end - start)z"
        start = end
      }
    }
    let origin = frame.x(Double(shades.first) - 0.5)
    let width = frame.x(Double(shades.first) + 0.5) - origin
    let height = frame.y(0) - frame.y(1)
    // Rows are counted upwards.
    let place =
      "translate(\(Self.number(origin)) \(Self.number(frame.y(0)))) scale(\(NumberText.fixed(width, decimals: 3)) "
      + "\(NumberText.fixed(-height, decimals: 3)))"
    return ["<g class=\"shades\" transform=\"\(place)\">"]
      + paths.enumerated().dropFirst().filter { !$0.element.isEmpty }.map { level, path in
        let opacity = Double(level) / Double(Self.shadeCount - 1)
        return "<path fill-opacity=\"\(NumberText.fixed(opacity, decimals: 2))\" d=\"\(path)\"/>"
      } + ["</g>"]
  }

  func drawn(_ label: Label, _ frame: Frame) -> [String] {
    let x = frame.x(label.step)
    return [
      Self.line("stem", x, frame.top + 20, x, frame.top + Self.panelHeight),
      Self.text(label.text, x, frame.top + 14, "label"),
    ]
  }
}

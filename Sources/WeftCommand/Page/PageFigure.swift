import Foundation

/// A chart of a page, as `page.js` draws it.
struct PageFigure: Encodable {
  /// Type of the chart.
  enum Kind: String, Encodable {
    /// Overlaid lines.
    case lines
    /// Stacked areas.
    case areas
    /// A heat map.
    case map
  }

  /// A line.
  struct Series: Encodable {
    /// Line style.
    enum Style: String, Encodable { case solid, thin, points }

    let name: String
    /// Index of the page's colors.
    let color: Int
    let style: Style
    let x: [Double]
    /// Null for missing values.
    let y: [Double?]

    /// A line through points, thinned to at most `maximum` points by keeping the minimum and maximum of each section.
    init(
      _ name: String, color: Int, style: Style = .solid, _ points: [(x: Double, y: Double)],
      maximum: Int = 2000
    ) {
      self.name = name
      self.color = color
      self.style = style
      let kept = Self.thinned(points, maximum: maximum)
      x = kept.map(\.x)
      y = kept.map { rounded($0.y) }
    }

    private static func thinned(_ points: [(x: Double, y: Double)], maximum: Int) -> [(x: Double, y: Double)]
    {
      guard points.count > maximum else { return points }
      let parts = maximum / 2
      return (0..<parts).flatMap { part in
        let places = part * points.count / parts..<(part + 1) * points.count / parts
        let low = places.min { points[$0].y < points[$1].y } ?? places.lowerBound
        let high = places.max { points[$0].y < points[$1].y } ?? places.lowerBound
        return Set([low, high]).sorted().map { points[$0] }
      }
    }
  }

  /// A text above a column of a map.
  struct Mark: Encodable {
    let column: Int
    let text: String
  }

  let kind: Kind
  let title: String
  /// Axis titles.
  let x: String
  let y: String
  var series: [Series] = []
  /// Names of the columns and rows of a map, lowest row first.
  var columns: [String] = []
  var rows: [String] = []
  /// `[columns][rows]` of a map.
  var values: [[Double?]] = []
  /// Whether the color scale is logarithmic.
  var isLogarithmic = false
  var marks: [Mark] = []

  init(lines title: String, x: String = "step", y: String, _ series: [Series]) {
    (kind, self.title, self.x, self.y, self.series) = (.lines, title, x, y, series)
  }

  init(areas title: String, x: String = "step", y: String, _ series: [Series]) {
    (kind, self.title, self.x, self.y, self.series) = (.areas, title, x, y, series)
  }

  /// - Parameter values: `[columns][rows]`, at most one per name; columns may be shorter.
  init(
    map title: String, x: String, y: String, columns: [String], rows: [String], values: [[Double]],
    isLogarithmic: Bool = false, marks: [Mark] = []
  ) {
    (kind, self.title, self.x, self.y) = (.map, title, x, y)
    (self.columns, self.rows, self.isLogarithmic, self.marks) = (columns, rows, isLogarithmic, marks)
    self.values = values.map { $0.map(rounded) }
  }

  /// Alternative text.
  var description: String {
    switch kind {
    case .map: "\(title): \(y) by \(x), \(rows.count) by \(columns.count)"
    case .lines, .areas:
      "\(title) over \(x): "
        + series.map { line in
          let values = line.y.compactMap(\.self)
          guard let first = values.first, let last = values.last else { return "\(line.name) has no values" }
          return "\(line.name) from \(short(first)) to \(short(last))"
        }.joined(separator: "; ")
    }
  }
}

/// Rounded to six digits, more than a chart shows; nil for non-finite values.
private func rounded(_ value: Double) -> Double? {
  value.isFinite ? Double(String(format: "%.6g", value)) : nil
}

private func short(_ value: Double) -> String { String(format: "%.4g", value) }

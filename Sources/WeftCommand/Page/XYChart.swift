import Foundation
import WeftBase
import WeftPlots

/// A chart of lines and dots over numbers, as an SVG element that follows the page's colors.
struct XYChart {
  /// A line.
  struct Line {
    let name: String
    /// Index of the page's colors.
    let color: Int
    let points: [(x: Double, y: Double)]
    /// Whether its points are marked.
    var hasMarks = false
  }

  let title: String
  /// Axis titles.
  let x: String
  let y: String
  /// Drawn below the lines.
  var dots: [(x: Double, y: Double)] = []
  var lines: [Line] = []
  /// A line from the lower left to the upper right, with its meaning.
  var diagonal: String?
  /// The range of both axes; nil for that of the values, the same on both if there is a diagonal.
  var range: ClosedRange<Double>?
  /// What the chart tells, for those who do not see it.
  var summary = ""
  /// The values as a table; empty for none.
  var table: [[String]] = []

  private static let (width, height, left, right, top, bottom) = (440.0, 330.0, 64.0, 12.0, 10.0, 46.0)

  /// The `figure` element.
  var html: String {
    let (horizontal, vertical) = ranges
    let frame = Frame(x: horizontal, y: vertical)
    var parts = axes(frame)
    if let diagonal {
      let (low, high) = (
        max(horizontal.lowerBound, vertical.lowerBound), min(horizontal.upperBound, vertical.upperBound)
      )
      if low < high {
        parts.append(
          "<line class=\"diagonal\" \(frame.line((low, low), (high, high)))><title>\(HTML.escaped(diagonal))</title></line>"
        )
      }
    }
    let places = dots.filter { $0.x.isFinite && $0.y.isFinite }.map(frame.place)
    if !places.isEmpty {
      let radius = places.count > 300 ? 1.5 : 2.5
      parts.append(
        "<g class=\"dots\">"
          + places.map {
            "<circle cx=\"\(Self.number($0.x))\" cy=\"\(Self.number($0.y))\" r=\"\(radius)\"/>"
          }.joined() + "</g>")
    }
    for line in lines {
      let places = line.points.filter { $0.x.isFinite && $0.y.isFinite }.map(frame.place)
      let path = places.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
      let style = "style=\"stroke: var(--series\(line.color % 8))\""
      parts.append(
        "<polyline class=\"line\" \(style) points=\"\(path)\"><title>\(HTML.escaped(line.name))</title></polyline>"
      )
      if line.hasMarks {
        parts.append(
          "<g style=\"fill: var(--series\(line.color % 8))\">"
            + places.map { "<circle cx=\"\(Self.number($0.x))\" cy=\"\(Self.number($0.y))\" r=\"3\"/>" }
            .joined() + "</g>")
      }
    }
    let legend =
      lines.count > 1
      ? "<p class=\"legend\">"
        + lines.map {
          "<span><i style=\"background: var(--series\($0.color % 8))\"></i>\(HTML.escaped($0.name))</span>"
        }.joined() + "</p>" : ""
    let label = summary.isEmpty ? title : "\(title): \(summary)"
    return """
      <figure class="chart">
      <figcaption>\(HTML.escaped(title))</figcaption>
      <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" aria-label="\(HTML.escaped(label))">
      \(parts.joined(separator: "\n"))
      </svg>
      \(legend)\(summary.isEmpty ? "" : "<p class=\"note\">\(HTML.escaped(summary))</p>")
      \(table.isEmpty ? "" : HTML.details("Values", HTML.table(table)))
      </figure>
      """
  }

  /// The ranges of the axes, with a margin.
  private var ranges: (x: ClosedRange<Double>, y: ClosedRange<Double>) {
    if let range { return (range, range) }
    let all = dots + lines.flatMap(\.points)
    func padded(_ values: [Double]) -> ClosedRange<Double> {
      let finite = values.filter(\.isFinite)
      guard let low = finite.min(), let high = finite.max() else { return 0...1 }
      let margin = max(0.04 * (high - low), 1e-9 * max(abs(high), 1))
      return low - margin...high + margin
    }
    if diagonal != nil {
      let both = padded(all.flatMap { [$0.x, $0.y] })
      return (both, both)
    }
    return (padded(all.map(\.x)), padded(all.map(\.y)))
  }

  private func axes(_ frame: Frame) -> [String] {
    let low = Self.height - Self.bottom
    let horizontal = NumberTicks.between(frame.x.lowerBound, frame.x.upperBound).map { value in
      let place = Self.number(frame.place((value, frame.y.lowerBound)).x)
      return
        "<line class=\"tick\" x1=\"\(place)\" x2=\"\(place)\" y1=\"\(Self.top)\" y2=\"\(low)\"/>"
        + "<text x=\"\(place)\" y=\"\(low + 16)\" text-anchor=\"middle\">\(NumberText.significant(value, digits: 4))</text>"
    }
    let vertical = NumberTicks.between(frame.y.lowerBound, frame.y.upperBound).map { value in
      let place = Self.number(frame.place((frame.x.lowerBound, value)).y)
      return
        "<line class=\"tick\" x1=\"\(Self.left)\" x2=\"\(Self.width - Self.right)\" y1=\"\(place)\" y2=\"\(place)\"/>"
        + "<text x=\"\(Self.left - 6)\" y=\"\(place)\" dy=\"0.35em\" text-anchor=\"end\">\(NumberText.significant(value, digits: 4))</text>"
    }
    let middle = (Self.left + Self.width - Self.right) / 2
    let titles = [
      "<text x=\"\(middle)\" y=\"\(Self.height - 8)\" text-anchor=\"middle\">\(HTML.escaped(x))</text>",
      "<text transform=\"translate(12 \((Self.top + low) / 2)) rotate(-90)\" text-anchor=\"middle\">\(HTML.escaped(y))</text>",
    ]
    return horizontal + vertical + titles
  }

  /// Where values are.
  private struct Frame {
    let x: ClosedRange<Double>
    let y: ClosedRange<Double>

    func place(_ point: (x: Double, y: Double)) -> (x: Double, y: Double) {
      let across = point.x.share(from: x.lowerBound, to: x.upperBound)
      let up = point.y.share(from: y.lowerBound, to: y.upperBound)
      return (
        XYChart.left + across * (XYChart.width - XYChart.left - XYChart.right),
        XYChart.height - XYChart.bottom - up * (XYChart.height - XYChart.top - XYChart.bottom)
      )
    }

    func line(_ start: (x: Double, y: Double), _ end: (x: Double, y: Double)) -> String {
      let (first, last) = (place(start), place(end))
      return
        "x1=\"\(XYChart.number(first.x))\" y1=\"\(XYChart.number(first.y))\" x2=\"\(XYChart.number(last.x))\" y2=\"\(XYChart.number(last.y))\""
    }
  }

  private static func number(_ value: Double) -> String { NumberText.fixed(value, decimals: 1) }
}

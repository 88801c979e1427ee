import Foundation
import WeftBase

/// A terminal plot of curves over steps, with a scale at the left and a legend above.
struct CurvePlot {
  /// A curve.
  struct Curve {
    let name: String
    /// Points by ascending step; non-finite values are omitted.
    let points: [(step: Int, value: Double)]
  }

  let title: String
  let curves: [Curve]

  /// - Parameters:
  ///   - steps: Range of the step axis.
  ///   - width: Total width in columns; `height` in lines.
  ///   - isColored: Whether to distinguish curves by color.
  func lines(steps: ClosedRange<Int>, width: Int, height: Int, isColored: Bool) -> [String] {
    func colored(_ text: String, _ number: Int) -> String {
      isColored ? "\u{1B}[\(Self.colors[number % Self.colors.count])m\(text)\u{1B}[0m" : text
    }
    let visible = curves.map { curve in
      Curve(name: curve.name, points: curve.points.filter { point in point.value.isFinite })
    }
    let (low, high) = Self.range(of: visible)
    let rows = max(height - 3, 1)
    let labels = (0..<rows).map { (row: Int) -> String in
      guard row % 4 == 0 || row == rows - 1 else { return "" }
      let share = Double(row) / Double(max(rows - 1, 1))
      // Weighted, because the difference can be infinite.
      return NumberText.significant(high * (1 - share) + low * share, digits: 4)
    }
    let margin = max(labels.map { $0.count }.max() ?? 0, 4)
    var canvas = BrailleCanvas(columns: max(width - margin - 2, 8), rows: rows)
    let (first, last) = (Double(steps.lowerBound), Double(max(steps.upperBound, steps.lowerBound + 1)))
    let (right, bottom) = (Double(canvas.width - 1), Double(canvas.height - 1))
    for (number, curve) in visible.enumerated() {
      let places = curve.points.map { (point: (step: Int, value: Double)) -> (x: Int, y: Int) in
        let across = Double(point.step).share(from: first, to: last)
        let down = 1 - point.value.share(from: low, to: high)
        return (x: Int(limiting: (across * right).rounded()), y: Int(limiting: (down * bottom).rounded()))
      }
      if places.count == 1 { canvas.set(x: places[0].x, y: places[0].y, series: number) }
      for (start, end) in zip(places, places.dropFirst()) {
        canvas.line(from: start, to: end, series: number)
      }
    }
    var lines = [legend(visible, width: width, colored)]
    for (label, line) in zip(
      labels, canvas.lines({ character, number in colored(String(character), number) }))
    {
      lines.append(String(repeating: " ", count: margin - label.count) + label + " │" + line)
    }
    let blank = String(repeating: " ", count: margin)
    lines.append(blank + " └" + String(repeating: "─", count: canvas.columns))
    let (start, end) = ("\(steps.lowerBound)", "step \(steps.upperBound)")
    let gap = String(repeating: " ", count: max(canvas.columns - start.count - end.count, 1))
    lines.append(blank + "  " + start + gap + end)
    return lines
  }

  /// The title, and the mark, name and latest value of each curve, as far as they fit.
  private func legend(_ curves: [Curve], width: Int, _ colored: (String, Int) -> String) -> String {
    var room = max(width - title.count, 0)
    return String(title.prefix(width))
      + curves.enumerated().map { number, curve in
        let last = curve.points.last.map { " " + NumberText.significant($0.value, digits: 4) } ?? ""
        let text = String(
          ("  " + Self.marks[number % Self.marks.count] + " " + curve.name + last).prefix(room))
        room -= text.count
        return colored(text, number)
      }.joined()
  }

  /// The minimum and maximum, with a margin if they are equal.
  private static func range(of curves: [Curve]) -> (low: Double, high: Double) {
    let values: [Double] = curves.flatMap { curve in curve.points.map { $0.value } }
    guard let minimum = values.min(), let maximum = values.max() else { return (0, 1) }
    if maximum > minimum { return (minimum, maximum) }
    let margin = minimum == 0 ? 0.5 : 0.5 * abs(minimum)
    return (minimum - margin, maximum + margin)
  }

  /// Cyan, yellow, magenta, green.
  private static let colors = [36, 33, 35, 32]
  private static let marks = ["●", "■", "▲", "◆"]
}

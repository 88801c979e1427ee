import Foundation
import WeftBase

/// A plot of series over time with bands and marked spans, as a self-contained SVG for light and dark pages.
public struct SeriesPlot: Sendable {
  /// A line of a plot.
  public struct Line: Sendable {
    /// Name in the legend.
    public var name: String
    /// The step of the first value.
    public var first: Int
    /// Values; NaN leaves a gap.
    public var values: [Double]

    /// A line that starts at a step.
    public init(_ name: String, first: Int, values: [Double]) {
      self.name = name
      self.first = first
      self.values = values
    }
  }

  /// The area between two lines.
  public struct Band: Sendable {
    /// Name in the legend.
    public var name: String
    /// The step of the first value.
    public var first: Int
    /// Lower bounds.
    public var lower: [Double]
    /// Upper bounds.
    public var upper: [Double]

    /// A band that starts at a step.
    public init(_ name: String, first: Int, lower: [Double], upper: [Double]) {
      self.name = name
      self.first = first
      self.lower = lower
      self.upper = upper
    }
  }

  /// Marked steps.
  public struct Marks: Sendable {
    /// Name in the legend.
    public var name: String
    /// Ranges of steps.
    public var spans: [Range<Int>]

    /// Marked steps.
    public init(_ name: String, spans: [Range<Int>]) {
      self.name = name
      self.spans = spans
    }
  }

  /// One panel; panels are stacked over the same steps.
  public struct Panel: Sendable {
    /// Title with unit.
    public var name: String
    /// Drawn first, with rows as the value axis.
    public var shades: Shades?
    /// Drawn above the shades.
    public var marks: [Marks] = []
    /// Drawn above the marks, widest first.
    public var bands: [Band] = []
    /// Drawn above everything else.
    public var lines: [Line] = []
    /// Labels at the top.
    public var labels: [Label] = []
    /// A horizontal line, such as a threshold.
    public var level: (name: String, value: Double)?

    /// An empty panel.
    public init(_ name: String) { self.name = name }
  }

  /// First title line.
  public var title: String
  /// Second title line: data and model.
  public var subtitle: String
  /// Panels from top to bottom.
  public var panels: [Panel]
  /// Name of the step axis.
  public var stepName = "step"

  /// A plot with panels.
  public init(title: String, subtitle: String, panels: [Panel]) {
    self.title = title
    self.subtitle = subtitle
    self.panels = panels
  }

  private static let width = 960.0
  static let left = 64.0
  static let panelHeight = 260.0
  private static let panelSpacing = 64.0

  /// The SVG document.
  public var svg: String {
    let steps = range
    let height = 96 + Double(panels.count) * (Self.panelHeight + Self.panelSpacing)
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(Self.width)) \(Int(height))\" role=\"img\" "
        + "aria-labelledby=\"title\">",
      "<title id=\"title\">\(Self.escaped(title)): \(Self.escaped(subtitle))</title>",
      "<style>\(Self.style)</style>",
      "<rect class=\"page\" width=\"\(Int(Self.width))\" height=\"\(Int(height))\"/>",
      Self.text(title, 24, 32, "heading"), Self.text(subtitle, 24, 52, "note"),
    ]
    for (index, panel) in panels.enumerated() {
      let top = 96 + Double(index) * (Self.panelHeight + Self.panelSpacing)
      parts += drawn(panel, Frame(panel, steps: steps, top: top))
    }
    return (parts + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  /// Writes the document.
  ///
  /// - Throws: If the file cannot be written; no partial file is left.
  public func write(to path: String) throws(WeftError) { try TextFile.replace(path, with: svg) }

  private var range: ClosedRange<Int> {
    var (first, last) = (Int.max, Int.min)
    func include(_ start: Int, _ count: Int) {
      first = min(first, start)
      last = max(last, start + count - 1)
    }
    for panel in panels {
      for line in panel.lines { include(line.first, line.values.count) }
      for band in panel.bands { include(band.first, band.lower.count) }
      if let shades = panel.shades { include(shades.first, shades.columns.count) }
    }
    return first > last ? 0...1 : first...max(last, first + 1)
  }

  /// Coordinates of steps and values on the page.
  struct Frame {
    let steps: ClosedRange<Int>
    let top: Double
    let low: Double
    let high: Double

    init(_ panel: Panel, steps: ClosedRange<Int>, top: Double) {
      let values =
        (panel.lines.flatMap(\.values) + panel.bands.flatMap { $0.lower + $0.upper }
        + (panel.level.map { [$0.value] } ?? [])).filter(\.isFinite)
      // At most a quarter of what a Double holds, so that differences are finite.
      let bound = Double.greatestFiniteMagnitude / 4
      let (minimum, maximum) = (max(values.min() ?? 0, -bound), min(values.max() ?? 1, bound))
      let margin = max(0.05 * (maximum - minimum), 1e-9 * max(abs(maximum), 1))
      self.steps = steps
      self.top = top
      let rows = panel.shades.map { Double($0.rowCount) }
      low = rows == nil ? minimum - margin : 0
      high = rows ?? maximum + margin
    }

    func x(_ step: Double) -> Double {
      let share = (step - Double(steps.lowerBound)) / Double(steps.upperBound - steps.lowerBound)
      return SeriesPlot.left + share * (SeriesPlot.width - SeriesPlot.left - 24)
    }

    func y(_ value: Double) -> Double {
      top + SeriesPlot.panelHeight * (1 - (value - low) / (high - low))
    }
  }

  private func drawn(_ panel: Panel, _ frame: Frame) -> [String] {
    let (left, right) = (Self.left, Self.width - 24)
    let bottom = frame.top + Self.panelHeight
    var parts = [Self.text(panel.name, left, frame.top - 10, "strong")]
    parts += panel.shades.map { drawn($0, frame) } ?? []
    for (index, marks) in panel.marks.enumerated() {
      parts += marks.spans.map { span in
        let (start, end) = (frame.x(Double(span.lowerBound) - 0.5), frame.x(Double(span.upperBound) - 0.5))
        let shown = (max(start, left), min(max(end, start + 1), right))
        return "<rect class=\"marks\(index)\" x=\"\(Self.number(shown.0))\" y=\"\(Self.number(frame.top))\" "
          + "width=\"\(Self.number(max(shown.1 - shown.0, 0)))\" height=\"\(Int(Self.panelHeight))\"/>"
      }
    }
    for tick in NumberTicks.between(frame.low, frame.high) {
      if panel.shades == nil { parts.append(Self.line("grid", left, frame.y(tick), right, frame.y(tick))) }
      parts.append(Self.text(NumberText.significant(tick, digits: 4), left - 8, frame.y(tick) + 4, "right"))
    }
    for tick in NumberTicks.between(Double(frame.steps.lowerBound), Double(frame.steps.upperBound))
    where tick == tick.rounded() {
      parts.append(Self.text("\(Int(limiting: tick))", frame.x(tick), bottom + 16, "middle"))
    }
    parts.append(Self.text(stepName, right, bottom + 32, "right"))
    for (index, band) in panel.bands.enumerated() {
      let upper = band.upper.enumerated().map { Self.point(frame, band.first + $0.offset, $0.element) }
      let lower = band.lower.enumerated().map { Self.point(frame, band.first + $0.offset, $0.element) }
      parts.append(
        "<polygon class=\"band\(index)\" points=\"\((upper + lower.reversed()).joined(separator: " "))\"/>")
    }
    for (index, line) in panel.lines.enumerated() {
      for run in Self.runs(line.values) {
        let points = run.map { Self.point(frame, line.first + $0, line.values[$0]) }
        parts.append("<polyline class=\"line\(index)\" points=\"\(points.joined(separator: " "))\"/>")
      }
    }
    if let level = panel.level {
      parts.append(Self.line("level", left, frame.y(level.value), right, frame.y(level.value)))
    }
    parts += panel.labels.flatMap { drawn($0, frame) }
    return parts + legend(panel, y: bottom + 34)
  }

  private func legend(_ panel: Panel, y: Double) -> [String] {
    let entries =
      panel.lines.enumerated().map { ($0.element.name, "swatch line\($0.offset)") }
      + panel.bands.enumerated().map { ($0.element.name, "band\($0.offset)") }
      + panel.marks.enumerated().map { ($0.element.name, "marks\($0.offset)") }
      + (panel.level.map { [($0.name, "swatch level")] } ?? [])
    var x = Self.left
    return entries.flatMap { name, style in
      defer { x += 40 + 7 * Double(name.count) }
      return [
        style.hasPrefix("swatch")
          ? Self.line(String(style.dropFirst("swatch ".count)), x, y - 4, x + 18, y - 4)
          : "<rect class=\"\(style)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y - 10))\" width=\"18\" height=\"12\"/>",
        Self.text(name, x + 24, y, "note"),
      ]
    }
  }

  /// Positions of consecutive values.
  private static func runs(_ values: [Double]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for (index, value) in values.enumerated() where value.isFinite {
      if let last = runs.last, last.upperBound == index {
        runs[runs.count - 1] = last.lowerBound..<index + 1
      } else {
        runs.append(index..<index + 1)
      }
    }
    return runs
  }

  private static func point(_ frame: Frame, _ step: Int, _ value: Double) -> String {
    "\(number(frame.x(Double(step)))),\(number(frame.y(value)))"
  }

  static func line(_ style: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
    "<line class=\"\(style)\" x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\"/>"
  }

  static func text(_ text: String, _ x: Double, _ y: Double, _ style: String) -> String {
    "<text class=\"\(style)\" x=\"\(number(x))\" y=\"\(number(y))\">\(escaped(text))</text>"
  }

  static func number(_ value: Double) -> String { NumberText.fixed(value, decimals: 1) }

  private static func escaped(_ text: String) -> String {
    text.escapedMarkup()
  }

  private static let style = """
    :root{--page:#fff;--ink:#1f2328;--soft:#59636e;--grid:#d1d9e0;--blue:#0969da;--orange:#bc4c00;--green:#1a7f37;\
    --red:#cf222e}\
    @media(prefers-color-scheme:dark){:root{--page:#0d1117;--ink:#f0f6fc;--soft:#9198a1;--grid:#3d444d;--blue:#4493f8;\
    --orange:#db6d28;--green:#3fb950;--red:#f85149}}\
    text{font:12px system-ui,sans-serif;fill:var(--ink)}.heading{font-size:18px;font-weight:600}\
    .strong{font-weight:600}.note{fill:var(--soft)}.right{text-anchor:end}.middle{text-anchor:middle}\
    .page{fill:var(--page)}.grid{stroke:var(--grid);stroke-width:.5}\
    polyline,.line0,.line1,.line2{fill:none;stroke-width:1.5;stroke-linejoin:round}\
    .line0{stroke:var(--ink)}.line1{stroke:var(--blue)}.line2{stroke:var(--green)}\
    .level{stroke:var(--red);stroke-dasharray:6 4}\
    .band0,.band1,.band2{fill:var(--blue);fill-opacity:.15}.band1{fill-opacity:.2}.band2{fill-opacity:.25}\
    .shades{fill:var(--blue);shape-rendering:crispEdges}\
    .label{text-anchor:middle;font-weight:600;fill:var(--ink);stroke:var(--page);stroke-width:3;paint-order:stroke}\
    .stem{stroke:var(--orange);stroke-width:1}\
    .marks0{fill:var(--orange);fill-opacity:.25}.marks1{fill:var(--red);fill-opacity:.25}
    """
}

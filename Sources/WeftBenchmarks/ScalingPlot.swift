import Foundation
import WeftBase

/// Draws measured throughput, the fitted law and its projection as a self-contained SVG for light and dark pages.
package struct ScalingPlot {
  /// Maximum thread count of the projection.
  package static let horizon = 128

  /// Model, machine and method.
  package let subtitle: String
  package let panels: [(name: String, series: ThroughputSeries)]
  /// Caveats, one per line.
  package let notes: [String]

  package init(subtitle: String, panels: [(name: String, series: ThroughputSeries)], notes: [String]) {
    self.subtitle = subtitle
    self.panels = panels
    self.notes = notes
  }

  /// The SVG document.
  package var svg: String {
    let height = 536 + 18 * notes.count
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 960 \(height)\" role=\"img\" "
        + "aria-labelledby=\"title\">",
      "<title id=\"title\">Training throughput by threads: \(escaped(subtitle))</title>",
      "<style>\(style)</style>",
      rect("page", 0, 0, 960, Double(height)),
      text("Training throughput by threads", 24, 34, "heading"),
      text(subtitle, 24, 56, "note"),
    ]
    parts += legend(y: 82)
    for (index, (name, series)) in panels.enumerated() {
      parts += panel(name, series, Frame(panels.map(\.series), left: 72 + 472 * Double(index)))
    }
    for (index, note) in notes.enumerated() {
      parts.append(text(note, 24, 544 + 18 * Double(index), index == 0 ? "strong" : "note"))
    }
    return (parts + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  // MARK: - One panel

  /// Coordinates of threads and throughput on the page, on logarithmic scales, equal in all panels.
  private struct Frame {
    let left: Double
    let top = 132.0
    let width = 388.0
    let height = 308.0
    // Logarithms of the throughput at the bottom and the top.
    private let low: Double
    private let high: Double

    init(_ all: [ThroughputSeries], left: Double) {
      self.left = left
      let rates = all.flatMap { $0.rounds.flatMap(\.self) }
      let one =
        all.flatMap { series in
          zip(series.threads, series.rounds).map { $1.median / Double($0) }
        }.max() ?? 1
      low = log10(0.6 * (rates.min() ?? 1))
      high = log10(1.4 * one * Double(ScalingPlot.horizon))
    }

    var right: Double { left + width }
    var bottom: Double { top + height }

    func x(_ threads: Double) -> Double {
      left + 8 + (width - 16) * log2(threads) / log2(Double(ScalingPlot.horizon))
    }

    func y(_ rate: Double) -> Double {
      min(bottom, max(top, bottom - height * (log10(max(rate, 1e-9)) - low) / (high - low)))
    }

    /// 1, 2 and 5 times powers of ten.
    var ticks: [Double] {
      (Int(low.rounded(.down))...Int(high.rounded(.up))).flatMap { power in
        [1, 2, 5].map { $0 * pow(10, Double(power)) }
      }.filter { log10($0) >= low && log10($0) <= high }
    }
  }

  private func panel(_ name: String, _ series: ThroughputSeries, _ frame: Frame) -> [String] {
    let measured = Double(series.threads.last ?? 1)
    let border = frame.x(measured)
    var parts = [
      text(name, frame.left, frame.top - 14, "strong"),
      rect("future", border, frame.top, frame.right - border, frame.height),
    ]
    for tick in frame.ticks {
      parts.append(line("grid", frame.left, frame.y(tick), frame.right, frame.y(tick)))
      parts.append(
        text(tickText(tick), frame.left - 8, frame.y(tick) + 4, "right"))
    }
    var threads = 1
    while threads <= ScalingPlot.horizon {
      parts.append(text("\(threads)", frame.x(Double(threads)), frame.bottom + 18, "middle"))
      threads *= 2
    }
    parts.append(text("threads", frame.left + frame.width / 2, frame.bottom + 36, "middle"))
    parts.append(text("tokens/s", frame.left + 6, frame.top + 14, "note"))
    parts.append(text("projection, not measured", border + 12, frame.bottom - 10, "strong note"))
    if let estimate = series.estimate { parts += curves(estimate, from: measured, frame) }
    for (threads, rates) in zip(series.threads, series.rounds) {
      let x = frame.x(Double(threads))
      parts += rates.map { circle("round", x, frame.y($0), 3) }
      parts.append(circle("median", x, frame.y(rates.median), 4.5))
    }
    parts += summary(series, frame)
    return parts
  }

  private func curves(_ estimate: ScalabilityEstimate, from measured: Double, _ frame: Frame) -> [String] {
    func grid(_ first: Double, _ last: Double) -> [Double] {
      let steps = 48
      return (0...steps).map { first * pow(last / first, Double($0) / Double(steps)) }
    }
    let last = Double(ScalingPlot.horizon)
    let ahead = grid(measured, last)
    let intervals = ahead.map { threads in estimate.interval { $0.throughput(threads) } }
    let upper = zip(ahead, intervals).map { (frame.x($0), frame.y($1.high)) }
    let lower = zip(ahead, intervals).map { (frame.x($0), frame.y($1.low)) }
    func curve(_ threads: [Double]) -> [(Double, Double)] {
      threads.map { (frame.x($0), frame.y(estimate.law.throughput($0))) }
    }
    let linear = [1, last].map { (frame.x($0), frame.y(estimate.law.rate * $0)) }
    return [
      "<polygon class=\"band\" points=\"\(points(upper + lower.reversed()))\"/>",
      "<polyline class=\"linear\" points=\"\(points(linear))\"/>",
      "<polyline class=\"law\" points=\"\(points(curve(grid(1, measured))))\"/>",
      "<polyline class=\"law projected\" points=\"\(points(curve(ahead)))\"/>",
    ]
  }

  /// Two lines below a panel: the parameters of the law, and its peak.
  private func summary(_ series: ThroughputSeries, _ frame: Frame) -> [String] {
    guard let estimate = series.estimate else {
      return [text("a single thread count determines no law", frame.left, frame.bottom + 58, "note")]
    }
    func interval(_ interval: ScalabilityEstimate.Interval) -> String {
      let (low, high) = (interval.low, interval.high)
      return "\(short(interval.value)) (\(short(low)) to \(short(high)))"
    }
    let contention = "σ \(interval(estimate.interval(\.contention)))"
    let coherency =
      estimate.identifiesCoherency
      ? "κ \(interval(estimate.interval(\.coherency)))" : "κ = 0 (not distinguishable with two thread counts)"
    let end = estimate.interval { $0.throughput(Double(ScalingPlot.horizon)) / $0.rate }
    let (middle, low, high) = (short(end.value), short(end.low), short(end.high))
    return [
      text("Fit: \(contention), \(coherency)", frame.left, frame.bottom + 60, "note"),
      text(
        "Projection to \(ScalingPlot.horizon) threads: \(middle) times one thread (\(low) to \(high))",
        frame.left, frame.bottom + 78, "note"),
    ]
  }

  private func short(_ value: Double) -> String {
    value >= 10 ? NumberText.fixed(value, decimals: 0) : NumberText.significant(value, digits: 2)
  }

  /// A tick is one digit and zeros.
  private func tickText(_ value: Double) -> String {
    let (divisor, unit) = value >= 1e6 ? (1e6, "M") : value >= 1e3 ? (1e3, "k") : (1, "")
    return NumberText.significant(value / divisor, digits: 6) + unit
  }

  // MARK: - Legend and style

  private func legend(y: Double) -> [String] {
    [
      circle("median", 30, y, 4.5), text("measured median", 42, y + 4, "note"),
      circle("round", 168, y, 3), text("one round", 178, y + 4, "note"),
      line("law", 258, y, 288, y), text("fitted scalability law", 296, y + 4, "note"),
      line("law projected", 440, y, 470, y), text("projection", 478, y + 4, "note"),
      rect("band", 562, y - 6, 30, 12), text("its 90 % band", 600, y + 4, "note"),
      line("linear", 704, y, 734, y), text("linear", 742, y + 4, "note"),
    ]
  }

  private var style: String {
    """

    text { font: 12px system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #24292f }
    .heading { font-size: 19px; font-weight: 600 } .strong { font-weight: 600 } .note { fill: #57606a }
    .middle { text-anchor: middle } .right { text-anchor: end }
    .page { fill: #ffffff } .future { fill: #f3f4f6 } .grid { stroke: #d8dee4; stroke-width: 1 }
    .linear { stroke: #8c959f; stroke-width: 1.5; stroke-dasharray: 1.5 4; fill: none }
    .law { stroke: #0b62c4; stroke-width: 2.2; fill: none } .projected { stroke-dasharray: 7 5 }
    .band { fill: #0b62c4; fill-opacity: 0.16 }
    .median { fill: #0b62c4; stroke: #ffffff; stroke-width: 1.2 } .round { fill: #0b62c4; fill-opacity: 0.3 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 } .note { fill: #9ba5b0 }
      .page { fill: #0d1117 } .future { fill: #161b22 } .grid { stroke: #30363d } .linear { stroke: #768390 }
      .law { stroke: #58a6ff } .band { fill: #58a6ff; fill-opacity: 0.2 }
      .median { fill: #58a6ff; stroke: #0d1117 } .round { fill: #58a6ff; fill-opacity: 0.35 }
    }

    """
  }
}

// MARK: - Elements

private func number(_ value: Double) -> String { String(format: "%.1f", value) }

private func points(_ points: [(Double, Double)]) -> String {
  points.map { "\(number($0.0)),\(number($0.1))" }.joined(separator: " ")
}

private func text(_ text: String, _ x: Double, _ y: Double, _ style: String) -> String {
  "<text class=\"\(style)\" x=\"\(number(x))\" y=\"\(number(y))\">\(escaped(text))</text>"
}

private func rect(_ style: String, _ x: Double, _ y: Double, _ width: Double, _ height: Double) -> String {
  "<rect class=\"\(style)\" x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\""
    + " height=\"\(number(height))\"/>"
}

private func line(_ style: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
  "<line class=\"\(style)\" x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\"/>"
}

private func circle(_ style: String, _ x: Double, _ y: Double, _ radius: Double) -> String {
  "<circle class=\"\(style)\" cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"\(number(radius))\"/>"
}

private func escaped(_ text: String) -> String {
  text.escapedMarkup()
}

extension ScalingPlot {
  /// - Parameter configuration: Name of the configuration.
  package init(configuration: String, _ result: ScalingBenchmark.Result) {
    let clock = result.clock == .wall ? "" : ", CPU time"
    self.init(
      subtitle: "\(configuration) · \(result.machine.text) · medians of \(result.rounds) rounds\(clock)",
      panels: [
        ("Strong scaling: the same minibatch", result.strong.throughput),
        ("Weak scaling: rows proportional to threads", result.weak.throughput),
      ], notes: result.notes)
  }
}

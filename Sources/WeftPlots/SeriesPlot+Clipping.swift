extension SeriesPlot {
  /// The plot restricted to a range of steps.
  package func clipped(to steps: Range<Int>) -> SeriesPlot {
    /// A slice of values, with its first step.
    func part<Value>(_ values: [Value], from first: Int) -> (first: Int, values: [Value]) {
      let kept = steps.clamped(to: first..<first + values.count)
      return (kept.lowerBound, Array(values[kept.lowerBound - first..<kept.upperBound - first]))
    }
    var plot = self
    plot.panels = panels.map { panel in
      var panel = panel
      panel.lines = panel.lines.map { line in
        let kept = part(line.values, from: line.first)
        return Line(line.name, first: kept.first, values: kept.values)
      }
      panel.bands = panel.bands.map { band in
        let (lower, upper) = (part(band.lower, from: band.first), part(band.upper, from: band.first))
        return Band(band.name, first: lower.first, lower: lower.values, upper: upper.values)
      }
      panel.shades = panel.shades.map { shades in
        let kept = part(shades.columns, from: shades.first)
        return Shades(first: kept.first, columns: kept.values)
      }
      panel.marks = panel.marks.map { marks in
        Marks(marks.name, spans: marks.spans.map { $0.clamped(to: steps) }.filter { !$0.isEmpty })
      }
      panel.labels = panel.labels.filter { Double(steps.lowerBound)..<Double(steps.upperBound) ~= $0.step }
      return panel
    }
    return plot
  }
}

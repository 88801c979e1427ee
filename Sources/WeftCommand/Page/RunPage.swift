import Foundation
import PageResources
import WeftBase

/// A self-contained web page of one or several runs.
struct RunPage {
  /// A sample of the model's results.
  enum Sample {
    case text(title: String, text: String)
    case table(title: String, rows: [[String]])
    /// Images as HTML.
    case pictures(title: String, html: String)
    case figure(PageFigure)
    /// Charts beside each other, as HTML.
    case charts(title: String, html: String)
    /// A note that explains why there are no samples.
    case note(String)
  }

  let runs: [RecordedRun]
  /// Samples of each run.
  let samples: [[Sample]]

  /// The parts of a page that change while a run trains.
  struct Contents {
    /// Below the title.
    let summary: String
    let sections: String
    /// In the order of their places in the sections.
    let figures: [PageFigure]

    /// The figures as JSON that can stand in a script.
    var data: String {
      get throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // The data must not contain the end of a script or the start of an HTML comment.
        return String(decoding: try encoder.encode(figures), as: UTF8.self).escapingControlsInJSON
          .replacing("<", with: "\\u003c")
      }
    }
  }

  var contents: Contents {
    var figures: [PageFigure] = []
    func drawn(_ figure: PageFigure) -> String {
      figures.append(figure)
      return self.drawn(figure, number: figures.count - 1)
    }
    let curves = RunCurves(runs)
    var sections = [section("Curves", curves.figures.map(drawn).joined(separator: "\n"), isGrid: true)]
    if let compared = ParallelCoordinates(runs) { sections.append(section("Comparison", compared.html)) }
    let flows = curves.gradientFlow
    if !flows.isEmpty {
      sections.append(
        section(
          "Gradient flow",
          "<p>‖∂L/∂h‖ by time step and training step, by color: where a column darkens toward the first time step,"
            + " gradients vanish.</p><div class=\"grid\">"
            + flows.map(drawn).joined(separator: "\n")
            + "</div>"))
    }
    for (run, samples) in zip(runs, samples) where !samples.isEmpty {
      let title = runs.count == 1 ? "Samples" : "Samples of \(run.name)"
      sections.append(section(title, samples.map { shown($0, drawn) }.joined(separator: "\n")))
    }
    for run in runs {
      let parameters = ParameterFigures(run)
      if parameters.weights.isEmpty { continue }
      let groups = [("Weights", parameters.weights), ("Gradients", parameters.gradients)].map {
        name, figures in
        "<h3>\(name)</h3><div class=\"grid\">" + figures.map(drawn).joined(separator: "\n") + "</div>"
      }
      let more = parameters.omitted > 0 ? " \(parameters.omitted) more are in TensorBoard." : ""
      sections.append(
        section(
          runs.count == 1 ? "Weights and gradients" : "Weights and gradients of \(run.name)",
          "<p>How the values of each parameter are distributed, in percent by color, at up to 50 evaluations.\(more)</p>"
            + groups.joined()))
    }
    sections.append(section("Configuration", ConfigurationTable(runs).html))
    return Contents(summary: summary, sections: sections.joined(separator: "\n"), figures: figures)
  }

  /// The whole document.
  ///
  /// - Parameter live: What is told of a page that a server keeps up to date; nil for a page of its own.
  func html(live: (status: String, version: String)? = nil) throws -> String {
    let contents = contents
    let title = runs.map(\.name).joined(separator: ", ")
    let status = live.map {
      "<p id=\"status\" class=\"status\" role=\"status\">\(HTML.escaped($0.status))</p>"
    }
    return """
      <!doctype html>
      <html lang="en"\(live.map { " data-live=\"\(HTML.escaped($0.version))\"" } ?? "")>
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="generator" content="weft \(weftVersion)">
      <title>\(HTML.escaped(title))</title>
      <style>
      \(PageResource.chartStyle)
      \(PageResource.style)
      </style>
      </head>
      <body>
      <header>
      <h1>\(HTML.escaped(title))</h1>
      \(status ?? "")
      <div id="summary">\(contents.summary)</div>
      </header>
      <main>
      \(contents.sections)
      </main>
      <footer>
      <p>Drag to zoom into a chart, double-click to reset. Keyboard: arrow keys move through a chart, + and − zoom,
      Escape resets. Drawn by uPlot \(PageResource.chartVersion) (MIT license). Written by weft
      \(weftVersion).</p>
      </footer>
      <div id="spoken" class="hidden" aria-live="polite"></div>
      <script type="application/json" id="figures">\(try contents.data)</script>
      <script>\(PageResource.chartProgram)</script>
      <script>\(PageResource.program)</script>
      </body>
      </html>

      """
  }

  private var summary: String {
    let headings = ["run", "model", "steps", "best step", "best", "validation loss", "time", "time steps/s"]
    return HTML.table([headings] + runs.map(\.summary))
      + runs.flatMap(\.notes).map { "<p class=\"note\">\(HTML.escaped($0))</p>" }.joined()
  }

  private func section(_ title: String, _ contents: String, isGrid: Bool = false) -> String {
    let body = isGrid ? "<div class=\"grid\">\(contents)</div>" : contents
    return "<section><h2>\(HTML.escaped(title))</h2>\n\(body)\n</section>"
  }

  private func drawn(_ figure: PageFigure, number: Int) -> String {
    let values =
      figure.kind == .map
      ? ""
      : HTML.details(
        "Last values",
        HTML.table(
          [[figure.x, "value"]]
            + figure.series.map { line in
              let last = Array(zip(line.x, line.y)).last { $0.1 != nil }
              return [
                "\(line.name), \(figure.x) \(last.map { "\(Int(limiting: $0.0))" } ?? "–")",
                last?.1.map { "\($0)" } ?? "–",
              ]
            }))
    return """
      <figure class="\(figure.kind.rawValue)">
      <figcaption>\(HTML.escaped(figure.title))</figcaption>
      <div class="plot" data-figure="\(number)" tabindex="0" role="application" aria-roledescription="chart" \
      aria-label="\(HTML.escaped(figure.description))"></div>
      \(values)
      </figure>
      """
  }

  private func shown(_ sample: Sample, _ drawn: (PageFigure) -> String) -> String {
    switch sample {
    case .text(let title, let text):
      "<h3>\(HTML.escaped(title))</h3><pre tabindex=\"0\">\(HTML.escaped(text))</pre>"
    case .table(let title, let rows): "<h3>\(HTML.escaped(title))</h3>\(HTML.table(rows))"
    case .pictures(let title, let html):
      "<h3>\(HTML.escaped(title))</h3><div class=\"pictures\">\(html)</div>"
    case .figure(let figure): drawn(figure)
    case .charts(let title, let html):
      "<h3>\(HTML.escaped(title))</h3><div class=\"grid\">\(html)</div>"
    case .note(let text): "<p class=\"note\">\(HTML.escaped(text))</p>"
    }
  }
}

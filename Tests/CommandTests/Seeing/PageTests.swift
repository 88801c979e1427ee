import Foundation
import Testing

@testable import WeftCommand

/// `weft report`.
@Suite struct PageTests {
  /// A browser, if installed.
  private static let browser: String? = {
    let environment = ProcessInfo.processInfo.environment
    if let named = environment["WEFT_CHROMIUM"] { return named }
    let folders = (environment["PATH"] ?? "").split(separator: ":")
    return ["chromium", "chromium-browser", "google-chrome"].lazy.flatMap { name in
      folders.map { "\($0)/\(name)" }
    }
    .first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  private static func withRuns(_ body: (URL) throws -> Void) throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "runs/one", in: folder).status == 0)
      let two = try Command.run(
        "train", "small.yaml", "--output", "runs/two", "--set", "model.hidden=12", in: folder)
      #expect(two.status == 0)
      try body(folder)
    }
  }

  private static func figures(_ page: String) throws -> [[String: Any]] {
    let match = try #require(
      page.firstMatch(of: /(?s)<script type="application\/json" id="figures">(.*?)<\/script>/))
    return try #require(try JSONSerialization.jsonObject(with: Data(match.1.utf8)) as? [[String: Any]])
  }

  @Test func holdsAllThatItNeeds() throws {
    try Self.withRuns { folder in
      let result = try Command.run("report", "runs/one", in: folder)
      #expect(result.output == "runs/one/report.html\n" && result.errors.isEmpty && result.status == 0)
      let page = try String(contentsOf: folder.appending(path: "runs/one/report.html"), encoding: .utf8)
      let figures = try Self.figures(page)
      let parameters = [
        "embedding/weights", "layer0/forward/input_weights", "layer0/forward/recurrent_weights",
        "layer0/forward/bias", "output/weights", "output/bias",
      ]
      #expect(
        figures.map { $0["title"] as? String } == [
          "Loss", "Accuracy", "Learning rate", "Gradient norm", "Time steps per second",
          "Time by phase", "Busy processors", "Memory", "layer0/forward",
        ] + parameters + parameters)
      let losses = try #require(figures[0]["series"] as? [[String: Any]])
      #expect(losses.map { $0["name"] as? String } == ["train", "validation"])
      #expect(
        losses[0]["x"] as? [Double] == (1...12).map(Double.init) && losses[1]["x"] as? [Double] == [4, 8, 12])
      let shares = try #require(figures[5]["series"] as? [[String: Any]])
      let sums = shares.reduce([Double](repeating: 0, count: 12)) { sums, line in
        zip(sums, line["y"] as? [Double] ?? []).map(+)
      }
      #expect(sums.allSatisfy { abs($0 - 100) < 0.01 })
      #expect(figures[8]["columns"] as? [String] == ["3", "6", "9", "12"])
      #expect((figures[8]["values"] as? [[Double]])?.allSatisfy { $0.count == 5 } == true)
      // Percentages of the values at each evaluation.
      let weights = try #require(figures[10]["values"] as? [[Any]])
      #expect(figures[10]["columns"] as? [String] == ["4", "8", "12"])
      for column in weights {
        let sum = column.compactMap { $0 as? Double }.reduce(0, +)
        #expect(abs(sum - 100) < 2, "\(sum)")
      }
      #expect(page.contains("<h3>Hardest passages of the first"))
      #expect(page.contains("<h2>Samples</h2>") && page.contains("<h3>Unprompted text"))
      #expect(page.contains("<th scope=\"row\">model.hidden</th><td>8</td><td>128</td>"))
      // Nothing is fetched: the only address is that of the chart library in its comments.
      #expect(page.matches(of: /(?:src|href)\s*=\s*["'](?!data:)/).isEmpty && !page.contains("@import"))
    }
  }

  @Test func laysRunsOverEachOther() throws {
    try Self.withRuns { folder in
      let result = try Command.run(
        "report", "runs/one", "runs/two", "--output", "both.html", "--no-samples", in: folder)
      #expect(result.output == "both.html\n" && result.status == 0)
      let page = try String(contentsOf: folder.appending(path: "both.html"), encoding: .utf8)
      let losses = try #require(try Self.figures(page)[0]["series"] as? [[String: Any]])
      #expect(
        losses.map { $0["name"] as? String } == [
          "one, train", "one, validation", "two, train", "two, validation",
        ])
      #expect(losses.map { $0["color"] as? Int } == [0, 0, 1, 1])
      let differences = try #require(
        page.firstMatch(of: /(?s)Differences between the runs:.*?<\/table>/)?.output)
      #expect(differences.contains("<th scope=\"row\">model.hidden</th><td>8</td><td>12</td>"))
      #expect(differences.matches(of: /scope="row"/).count == 1)
      #expect(!page.contains("<h2>Samples"))
      // A line for each run over the key in which they differ and what they reached.
      let parallel = try #require(
        page.firstMatch(of: /(?s)<figure class="chart parallel">.*?<\/figure>/)?.output)
      #expect(parallel.matches(of: /<polyline/).count == 2)
      #expect(parallel.contains("<title>one: model.hidden 8, best accuracy "))
    }
  }

  @Test func aRunWithoutItsDataHasCurvesAllTheSame() throws {
    try Self.withRuns { folder in
      try FileManager.default.removeItem(at: folder.appending(path: "text.h5"))
      #expect(try Command.run("report", "runs/one", in: folder).status == 0)
      let page = try String(contentsOf: folder.appending(path: "runs/one/report.html"), encoding: .utf8)
      #expect(page.contains("No samples: text.h5: ") && page.contains("\"Loss\""))
      let missing = try Command.run("report", "runs/three", in: folder)
      #expect(missing.errors == "weft: error: runs/three: no such run\n")
      #expect(missing.status == 1)
      let near = try Command.run("report", "runs/ones", in: folder)
      #expect(near.errors == "weft: error: runs/ones: no such run; did you mean 'runs/one'?\n")
      #expect(near.status == 1)
    }
  }

  @Test func textCannotBreakOutOfThePage() {
    #expect(HTML.escaped("<b> & \"q\"") == "&lt;b&gt; &amp; &quot;q&quot;")
    let table = HTML.table([["a"], ["</td><script>"]])
    #expect(!table.contains("<script>"))
  }

  @Test func longLinesKeepTheirExtremes() {
    var points = (0..<10_000).map { (number: Int) -> (x: Double, y: Double) in
      (x: Double(number), y: sin(Double(number)))
    }
    points[4321].y = 9
    points[77].y = -9
    let line = PageFigure.Series("long", color: 0, points, maximum: 200)
    #expect(line.x.count <= 200)
    #expect(line.y.contains(9) && line.y.contains(-9))
    #expect(line.x == line.x.sorted())
  }

  /// Presses a key in the first chart, then the button for its logarithmic scale.
  private static let reader = """
    <script>
      const plot = document.querySelector(".plot");
      plot.dispatchEvent(new KeyboardEvent("keydown", { key: "End", bubbles: true }));
      document.querySelector("figure button").click();
      document.body.dataset.spoken = document.getElementById("spoken").textContent;
    </script></body>
    """

  /// Opens the page in a headless browser and inspects the result of its script.
  @Test(.enabled(if: browser != nil, "there is no Chromium; WEFT_CHROMIUM may name one"))
  func aBrowserDrawsAllFigures() throws {
    try Self.withRuns { folder in
      let written = try Command.run("report", "runs/one", "runs/two", "--output", "both.html", in: folder)
      #expect(written.status == 0)
      let page = folder.appending(path: "read.html")
      let text = try String(contentsOf: folder.appending(path: "both.html"), encoding: .utf8)
      try text.replacing("</body>", with: Self.reader).write(to: page, atomically: true, encoding: .utf8)
      let count = try Self.figures(text).count
      let result = try Command.start(
        [
          "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
          "--virtual-time-budget=5000",
          "--user-data-dir=\(folder.path)/browser", "--enable-logging=stderr", "--dump-dom",
          page.absoluteString,
        ], program: URL(filePath: Self.browser ?? ""), in: folder
      ).finish()
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("data-drawn=\"\(count)\""))
      #expect(result.output.matches(of: /<canvas/).count == count)
      #expect(
        result.output.contains(/data-spoken="step 12: one, train \d/)
          && result.output.contains("aria-pressed=\"true\""))
      #expect(!result.errors.contains("Uncaught"), "\(result.errors)")
    }
  }
}

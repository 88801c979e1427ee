import Foundation
import FoundationXML
import TestSupport
import Testing

@testable import WeftBenchmarks

@Suite struct ScalingPlotTests {
  static let law = ScalabilityLaw(rate: 4450, contention: 0.03, coherency: 0.0005)

  static func series(_ threads: [Int]) -> ThroughputSeries {
    var random = SplitMix(seed: 3)
    return ThroughputSeries(
      threads: threads,
      rounds: threads.map { threads in
        (0..<7).map { _ in
          Self.law.throughput(Double(threads)) * Double.random(in: 0.95...1.05, using: &random)
        }
      })
  }

  /// The text of every element, if the document is well-formed.
  final class Reader: NSObject, XMLParserDelegate {
    var texts: [String] = []
    var elements: [String: Int] = [:]
    var coordinates: [Double] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String] = [:]
    ) {
      elements[name, default: 0] += 1
      texts.append("")
      for name in ["x", "y", "x1", "y2", "cx", "cy", "points"] {
        coordinates += (attributes[name] ?? "").split { $0 == " " || $0 == "," }.map { Double($0) ?? .nan }
      }
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) { texts[texts.count - 1] += text }
  }

  @Test(arguments: [[1], [1, 2], [1, 2, 4, 8]]) func isWellFormedAndLabelled(_ threads: [Int]) throws {
    let plot = ScalingPlot(
      subtitle: "a < b & c.yaml", panels: [("Strong", Self.series(threads)), ("Weak", Self.series(threads))],
      notes: ["This machine has only 8 cores", "and <more>"])
    let reader = Reader()
    let parser = XMLParser(data: Data(plot.svg.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    let texts = reader.texts.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
    for label in [
      "a < b & c.yaml", "Strong", "Weak", "projection, not measured", "threads", "tokens/s", "128",
      "This machine has only 8 cores", "and <more>", "measured median", "its 90 % band", "5k",
    ] { #expect(texts.contains(label), "\(label)") }
    #expect(texts.contains { $0.contains("κ = 0") } == (threads.count == 2))
    #expect(texts.contains { $0.hasPrefix("Projection to 128 threads: ") } == (threads.count > 1))
    #expect(reader.elements["polygon"] == (threads.count > 1 ? 2 : nil))
    #expect(reader.elements["circle"] == 2 + 2 * 8 * threads.count)
    #expect(reader.coordinates.allSatisfy { (0...960).contains($0) })
    #expect(plot.svg.contains("prefers-color-scheme: dark"))
  }
}

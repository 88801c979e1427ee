import Foundation
import WeftBase

/// Writes a run's TensorBoard events: scalars with each line of the metrics, and at some evaluations histograms of weights
/// and gradients, gradient flow and sample texts.
///
/// Events are not essential: if they cannot be written, the run continues without them, with a single note.
package final class EventLog {
  /// Maximum number of evaluations with histograms, images and texts, evenly spaced, which bounds the size of files.
  static let maximumRichEvents = 50

  private var file: EventFile?
  private let totalSteps: Int
  private let onNote: (String) -> Void
  /// The part of the run with the latest rich event.
  private var lastPart: Int

  /// Starts the events of a run, or continues those of a run resumed after `step`.
  package init(folder: String, resumingAfter step: Int?, totalSteps: Int, onNote: @escaping (String) -> Void)
  {
    self.totalSteps = totalSteps
    self.onNote = onNote
    lastPart = 0
    attempt { () throws(WeftError) in file = try EventFile(folder: folder, resumingAfter: step) }
    lastPart = part(of: step ?? 0)
  }

  /// Writes scalars by tag.
  package func scalars(_ values: [(tag: String, value: Double)], step: Int) {
    write(
      step: step, values.map { value in .with { ($0.tag, $0.simpleValue) = (value.tag, Float(value.value)) } }
    )
  }

  /// Whether to write histograms, images and texts for an evaluation; if so, counts it.
  package func takesRichEvent(at step: Int) -> Bool {
    guard file != nil, part(of: step) > lastPart || step == totalSteps else { return false }
    lastPart = part(of: step)
    return true
  }

  /// Writes histograms by tag.
  package func histograms(_ values: some Sequence<(tag: String, values: [Float])>, step: Int) {
    write(
      step: step,
      values.compactMap { tag, values in
        TensorBoardHistogramProto(values).map { histogram in
          .with { ($0.tag, $0.histo) = (tag, histogram) }
        }
      })
  }

  /// Writes images of positive values, with time from left to right and position from bottom to top.
  ///
  /// - Parameter maps: `[columns][rows]`; columns may differ in length.
  package func heatMaps(_ maps: [(tag: String, columns: [[Float]])], step: Int) {
    let (width, height) = (384, 192)
    var pictures: [TensorBoardSummary.Value] = []
    for (tag, columns) in maps {
      let pixels = HeatMap(columns: columns).pixels(width: width, height: height)
      guard let png = try? PNGEncoder.encode(pixels, width: width, height: height) else { continue }
      pictures.append(
        .with {
          $0.tag = tag
          $0.image = .with {
            ($0.width, $0.height, $0.colorspace) = (Int32(width), Int32(height), 3)
            $0.encodedImageString = Data(png)
          }
        })
    }
    write(step: step, pictures)
  }

  /// Writes texts as Markdown.
  ///
  /// - Parameter samples: Samples, each with named texts.
  package func texts(_ samples: [[(name: String, text: String)]], step: Int) {
    write(
      step: step,
      samples.enumerated().map { index, sample in
        let parts = sample.map { name, text in
          "**\(name.printable())**\n\n\(text.asMarkdownCode)"
        }
        return .with {
          $0.tag = samples.count == 1 ? "sample" : "sample/\(index + 1)"
          $0.metadata.pluginData.pluginName = "text"
          $0.metadata.dataClass = .tensor
          $0.tensor = .with {
            ($0.dtype, $0.stringVal) = (.dtString, [Data(parts.joined(separator: "\n\n").utf8)])
          }
        }
      })
  }

  /// Removes the events after a step.
  package func truncate(to step: Int) {
    attempt { () throws(WeftError) in try file?.truncate(to: step) }
    lastPart = part(of: step)
  }

  private func part(of step: Int) -> Int {
    step * Self.maximumRichEvents / max(totalSteps, 1)
  }

  private func write(step: Int, _ values: [TensorBoardSummary.Value]) {
    guard let file, !values.isEmpty else { return }
    var event = TensorBoardEvent(step: step)
    event.summary.value = values
    attempt { () throws(WeftError) in
      try file.append(event)
      try file.flush()
    }
  }

  private func attempt(_ body: () throws(WeftError) -> Void) {
    do { try body() } catch {
      file = nil
      onNote("TensorBoard events are no longer written: \(error.message)")
    }
  }
}

import Foundation
import Media

/// What a run tells TensorBoard: numbers at each line of the metrics, and at some evaluations how weights and gradients
/// are spread, how gradients flow, and sample texts.
///
/// Events are for looking at: when they cannot be written, the run goes on without, which is noted once.
final class EventLog {
  /// Evaluations of a run, evenly spread, whose histograms, pictures and texts are kept, which bounds the files' size.
  static let greatestRichEvents = 50

  private var file: EventFile?
  private let folder: RunFolder
  private let totalSteps: Int
  private let onNote: (String) -> Void
  /// The part of the run that the latest rich event lies in.
  private var lastPart: Int

  /// Begins a run's events, or goes on with those of a run that is resumed after `step`.
  init(folder: RunFolder, resumingAfter step: Int?, totalSteps: Int, onNote: @escaping (String) -> Void) {
    self.folder = folder
    self.totalSteps = totalSteps
    self.onNote = onNote
    lastPart = 0
    attempt { () throws(WeftError) in file = try EventFile(folder: folder.path, resumingAfter: step) }
    lastPart = part(of: step ?? 0)
  }

  /// Numbers by tag.
  func scalars(_ values: [(tag: String, value: Double)], step: Int) {
    write(
      step: step, values.map { value in .with { ($0.tag, $0.simpleValue) = (value.tag, Float(value.value)) } }
    )
  }

  /// Whether an evaluation at a step is one whose histograms, pictures and texts are kept; counts it if so.
  func takesRichEvent(at step: Int) -> Bool {
    guard file != nil, part(of: step) > lastPart || step == totalSteps else { return false }
    lastPart = part(of: step)
    return true
  }

  /// How a parameter's numbers are spread.
  func histograms(_ values: [(tag: String, values: [Float])], step: Int) {
    write(
      step: step,
      values.compactMap { tag, values in
        TensorBoardHistogramProto(values).map { histogram in
          .with { ($0.tag, $0.histo) = (tag, histogram) }
        }
      })
  }

  /// The gradient's norm by time step, from bottom to top, over the steps of the run, from left to right.
  func gradientFlow(_ records: [GradientFlow], step: Int) {
    guard let newest = records.last else { return }
    var pictures: [TensorBoardSummary.Value] = []
    for (index, layer) in newest.layers.enumerated() {
      let image = HeatMap(
        columns: records.compactMap { $0.norms.indices.contains(index) ? $0.norms[index] : nil }
      )
      .image(width: 384, height: 192)
      guard let png = try? image.png() else { continue }
      pictures.append(
        .with {
          $0.tag = "gradient_flow/\(layer)"
          $0.image = .with {
            ($0.width, $0.height, $0.colorspace) = (Int32(image.width), Int32(image.height), 3)
            $0.encodedImageString = Data(png)
          }
        })
    }
    write(step: step, pictures)
  }

  /// Texts, shown as Markdown.
  func texts(_ samples: [SampleText], step: Int) {
    write(
      step: step,
      samples.enumerated().map { index, sample in
        let parts = [("source", sample.source), ("reference", sample.reference), ("written", sample.written)]
        let text = parts.compactMap { name, text in
          text.map {
            "**\(name)**\n\n"
              + $0.split(separator: "\n", omittingEmptySubsequences: false)
              .map { "    \($0)" }.joined(separator: "\n")
          }
        }.joined(separator: "\n\n")
        return .with {
          $0.tag = samples.count == 1 ? "sample" : "sample/\(index + 1)"
          $0.metadata.pluginData.pluginName = "text"
          $0.metadata.dataClass = .tensor
          $0.tensor = .with { ($0.dtype, $0.stringVal) = (.dtString, [Data(text.utf8)]) }
        }
      })
  }

  /// Goes back to a step: removes the events of later ones.
  func goBack(to step: Int) {
    attempt { () throws(WeftError) in try file?.goBack(to: step) }
    lastPart = part(of: step)
  }

  private func part(of step: Int) -> Int {
    step * Self.greatestRichEvents / max(totalSteps, 1)
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
      onNote("no more events for TensorBoard are written: \(error.message)")
    }
  }
}

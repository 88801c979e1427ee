import Foundation
import WeftBase
import WeftTraining

/// Gradient flow through time of a run.
struct GradientReport: Report {
  /// Record of a step.
  struct Record: Encodable {
    let step: Int
    let layers: [Layer]
    let warnings: [String]
  }

  /// Norms of ∂L/∂h by time step.
  struct Layer: Encodable {
    let name: String
    let norms: [Float]
  }

  let folder: String
  let records: [Record]

  /// Reads the records of the run in `folder`.
  init(folder: String) throws(WeftError) {
    let path = RunFolder(folder).gradients
    guard FileManager.default.fileExists(atPath: path) else {
      throw .failure(
        "\(folder): contains no gradient norms; train with training.gradient_flow_every above 0")
    }
    self.folder = folder
    records = try GradientFlowLog.records(in: path, onNote: printNote).map { flow in
      Record(
        step: flow.step, layers: zip(flow.layers, flow.norms).map { Layer(name: $0, norms: $1) },
        warnings: flow.warnings)
    }
  }

  /// The norm at the first, middle and last time step of every record, and the newest record as a curve.
  var text: String {
    var rows = [["step", "layer", "first", "middle", "last", "first/last"]]
    for record in records {
      for layer in record.layers {
        guard let first = layer.norms.first, let last = layer.norms.last else { continue }
        let middle = layer.norms[layer.norms.count / 2]
        rows.append(["\(record.step)", layer.name] + [first, middle, last, first / last].map(Self.short))
      }
    }
    var lines = ["\(folder): norm of ∂L/∂h by time step"]
    lines += table(rows).map { "  \($0)" }
    if let newest = records.last {
      lines.append("step \(newest.step), first to last time step, logarithmic scale:")
      let width = newest.layers.map(\.name.count).max() ?? 0
      for layer in newest.layers {
        let padding = String(repeating: " ", count: width - layer.name.count)
        lines.append("  \(layer.name)\(padding)  \(Self.curve(layer.norms, columns: 60))")
      }
      lines += newest.warnings.map { "  \($0)" }
    }
    return lines.map { $0.printable() + "\n" }.joined()
  }

  private static func short(_ value: Float) -> String { String(format: "%.2e", Double(value)) }

  /// Bars on a logarithmic scale from the minimum to the maximum; a cross for values without a logarithm.
  static func curve(_ values: [Float], columns: Int) -> String {
    let count = min(columns, values.count)
    let sampled = (0..<count).map { log10(Double(values[$0 * values.count / count])) }
    let finite = sampled.filter(\.isFinite)
    guard let minimum = finite.min(), let maximum = finite.max() else {
      return String(repeating: "×", count: count)
    }
    let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    // Curves that span less than a power of ten are flat.
    let range = max(maximum - minimum, 1)
    return String(
      sampled.map { value in
        value.isFinite ? bars[Int(limiting: (value - minimum) / range * Double(bars.count - 1))] : "×"
      })
  }
}

import Foundation
import WeftBase

/// The records of a run's gradient flow, one JSON object per line.
package final class GradientFlowLog {
  private let lines: LineLog

  /// Creates a new file, or continues that of a run resumed after `step`.
  ///
  /// - Parameters:
  ///   - every: Steps between records.
  ///   - onNote: Called if records are lost.
  package init(
    path: String, resumingAfter step: Int?, every: Int = 1, onNote: (String) -> Void = { _ in }
  ) throws(WeftError) {
    lines = try LineLog(
      path: path, resumingAfter: step, every: every,
      stepOf: {
        let object = LineLog.object($0)
        return object?["layers"] is [String: [Any]] ? object?["step"] as? Int : nil
      }, onNote: onNote)
  }

  package func append(_ flow: GradientFlow) throws(WeftError) {
    let layers = zip(flow.layers, flow.norms).map { name, norms in
      "\"\(name)\":[" + norms.map { NumberText.json(Double($0)) }.joined(separator: ",") + "]"
    }
    try lines.append("{\"step\":\(flow.step),\"layers\":{\(layers.joined(separator: ","))}}\n")
  }

  /// Syncs the file to disk.
  package func synchronize() throws(WeftError) { try lines.synchronize() }

  /// Removes the records of later steps.
  package func truncate(to step: Int) throws(WeftError) { try lines.truncate(to: step) }

  private static let (maximumLayerCount, maximumStepCount) = (10_000, 1 << 16)

  /// All records of a file.
  ///
  /// - Parameter onNote: Called if damaged lines are left out.
  /// - Throws: If the file is missing, or has lines and none of them is a record.
  package static func records(
    in path: String, onNote: (String) -> Void = { _ in }
  ) throws(WeftError) -> [GradientFlow] {
    try LineLog.records(in: path, of: "gradients", onNote: onNote) { object in
      guard let step = BoundedInteger.json(object["step"]),
        let layers = object["layers"] as? [String: [Any]], layers.count <= maximumLayerCount,
        layers.values.allSatisfy({ $0.count <= maximumStepCount })
      else { return nil }
      let names = layers.keys.sorted()
      return GradientFlow(
        step: step, layers: names,
        norms: names.map { (layers[$0] ?? []).map { ($0 as? NSNumber)?.floatValue ?? .nan } })
    }
  }
}

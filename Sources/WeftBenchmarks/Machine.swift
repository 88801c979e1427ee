import Foundation
import WeftBase
import WeftTensor

/// The machine that a measurement was made on.
package struct Machine: Sendable, Encodable {
  /// As the processor calls itself; nil where it is not told.
  package let processor: String?
  /// Processors that the process may keep busy.
  package let cores: Int
  /// The instruction set of the kernels.
  package let kernels: String

  /// This machine.
  ///
  /// - Throws: If no kernels run on it.
  package init(_ engine: Engine) {
    processor = (try? TextFile.contents(of: "/proc/cpuinfo")).flatMap(Machine.processor)
    cores = AvailableProcessors.count
    kernels = InstructionSet.allCases.first { $0.kernels == engine.kernels }?.rawValue ?? "other"
  }

  /// The first processor's name in the text of `/proc/cpuinfo`.
  static func processor(in text: String) -> String? {
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// In one line.
  package var text: String {
    "\(processor ?? "unknown processor"), \(cores) \(cores == 1 ? "core" : "cores"), \(kernels) kernels"
  }
}

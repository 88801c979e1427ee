import Foundation
import WeftBase
import WeftTensor

/// The machine of a measurement.
package struct Machine: Sendable, Encodable {
  /// Model name of the CPU; nil if unknown.
  package let processor: String?
  /// Number of available CPUs.
  package let cores: Int
  /// The instruction set of the kernels.
  package let kernels: String

  /// Information about this machine.
  ///
  /// - Throws: If no kernels support it.
  package init(_ engine: Engine) {
    processor = (try? TextFile.contents(of: "/proc/cpuinfo")).flatMap(Machine.processor)
    cores = AvailableProcessors.count
    kernels =
      InstructionSet.allCases.first {
        $0.kernels == engine.kernels && $0.dotKernels(engine.dotAlgorithm) == engine.dot
      }?.rawValue ?? "other"
  }

  /// Name of the first CPU in the text of `/proc/cpuinfo`.
  static func processor(in text: String) -> String? {
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// One-line description.
  package var text: String {
    "\(processor ?? "unknown CPU"), \(cores) \(cores == 1 ? "core" : "cores"), \(kernels) kernels"
  }
}

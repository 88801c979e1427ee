import Foundation
import KernelInterface
import Kernels
import WeftBase

#if arch(x86_64)
  import KernelsAVX512
#endif

/// The instruction sets that kernels are compiled for, best last.
package enum InstructionSet: String, CaseIterable, Sendable {
  /// AVX2 and FMA on x86-64, NEON on arm64.
  case baseline
  case avx512

  /// The processor features, as Linux names them, that the kernels use.
  var features: [String] {
    #if arch(x86_64)
      switch self {
      case .baseline: ["avx2", "fma"]
      case .avx512: ["avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl"]
      }
    #else
      []
    #endif
  }

  /// The kernels but those that multiply matrices.
  package var kernels: any KernelSet.Type {
    #if arch(x86_64)
      switch self {
      case .baseline: Kernels.VectorKernels.self
      case .avx512: KernelsAVX512.VectorKernels.self
      }
    #else
      Kernels.VectorKernels.self
    #endif
  }

  /// The kernels that multiply matrices by a dot algorithm: for each one the fastest that this instruction set can run.
  package func dotKernels(_ algorithm: DotAlgorithm) -> any DotKernels.Type {
    #if arch(x86_64)
      switch (self, algorithm) {
      case (.baseline, .f32_f32_f32): Kernels.Float32DotKernels.self
      case (.avx512, .f32_f32_f32): KernelsAVX512.Float32DotKernels.self
      }
    #else
      switch algorithm {
      case .f32_f32_f32: Kernels.Float32DotKernels.self
      }
    #endif
  }

  /// The instruction sets that this processor has.
  package static let available: [InstructionSet] = {
    #if arch(x86_64)
      let present = processorFeatures(
        in: (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "")
      return allCases.filter { $0.features.allSatisfy { present.contains(Substring($0)) } }
    #else
      return [.baseline]
    #endif
  }()

  /// The first processor's features in the text of `/proc/cpuinfo`.
  static func processorFeatures(in text: String) -> Set<Substring> {
    let line = text.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
    return Set(line.split(separator: " "))
  }
}

extension Engine {
  /// The environment variable that forces an instruction set: `baseline` or `avx512`.
  package static let environmentVariable = "WEFT_KERNELS"

  /// The best engine for this processor, or the one that the environment asks for.
  ///
  /// - Parameter dotAlgorithm: The one that the parameters' layout names.
  /// - Throws: If the processor lacks what Weft needs, or the environment names something else.
  package static func best(_ dotAlgorithm: DotAlgorithm) throws(WeftError) -> Engine {
    let available = InstructionSet.available
    guard let best = available.last else {
      throw .failure("this processor lacks AVX2 and FMA, which Weft needs (Intel since 2013, AMD since 2015)")
    }
    guard let name = ProcessInfo.processInfo.environment[environmentVariable] else {
      return Engine(best, dotAlgorithm: dotAlgorithm)
    }
    guard let chosen = InstructionSet(rawValue: name), available.contains(chosen) else {
      let names = available.map(\.rawValue).joined(separator: " or ")
      throw .failure("\(environmentVariable)=\(name): this processor runs \(names)")
    }
    return Engine(chosen, dotAlgorithm: dotAlgorithm)
  }
}

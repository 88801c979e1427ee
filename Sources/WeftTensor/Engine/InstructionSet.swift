import Foundation
import KernelInterface
import Kernels
import WeftBase

#if arch(x86_64)
  import KernelsAVX512
#endif

/// The instruction sets that kernels are compiled for, in ascending order of preference.
package enum InstructionSet: String, CaseIterable, Sendable {
  /// AVX2 and FMA on x86-64, NEON on arm64.
  case baseline
  case avx512

  /// The CPU features that the kernels use, as named by Linux.
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

  /// The fastest kernels of this instruction set for matrix products by a dot algorithm.
  package func dotKernels(_ algorithm: DotAlgorithm) -> any DotKernels.Type {
    #if arch(x86_64)
      switch (self, algorithm) {
      case (.baseline, .f32_f32_f32): Kernels.Float32DotKernels.self
      case (.avx512, .f32_f32_f32): KernelsAVX512.Float32DotKernels.self
      case (.baseline, .bf16_bf16_f32): Kernels.BFloat16DotKernels.self
      case (.avx512, .bf16_bf16_f32): KernelsAVX512.BFloat16DotKernels.self
      }
    #else
      switch algorithm {
      case .f32_f32_f32: Kernels.Float32DotKernels.self
      case .bf16_bf16_f32: Kernels.BFloat16DotKernels.self
      }
    #endif
  }

  /// The instruction sets that this CPU supports.
  package static let available: [InstructionSet] = {
    #if arch(x86_64)
      let present = processorFeatures(
        in: (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "")
      return allCases.filter { $0.features.allSatisfy { present.contains(Substring($0)) } }
    #else
      return [.baseline]
    #endif
  }()

  /// The features of the first CPU in the text of `/proc/cpuinfo`.
  static func processorFeatures(in text: String) -> Set<Substring> {
    let line = text.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
    return Set(line.split(separator: " "))
  }
}

extension Engine {
  /// The environment variable that selects an instruction set: `baseline` or `avx512`.
  package static let environmentVariable = "WEFT_KERNELS"

  /// The best engine for this CPU, or the one selected by the environment variable.
  ///
  /// - Parameter dotAlgorithm: The dot algorithm of the model's parameters.
  /// - Throws: If the CPU lacks required features, or the environment variable names an unsupported instruction set.
  package static func best(_ dotAlgorithm: DotAlgorithm) throws(WeftError) -> Engine {
    let available = InstructionSet.available
    guard let best = available.last else {
      throw .failure("this CPU lacks AVX2 and FMA, which Weft needs (Intel since 2013, AMD since 2015)")
    }
    guard let name = ProcessInfo.processInfo.environment[environmentVariable] else {
      return Engine(best, dotAlgorithm: dotAlgorithm)
    }
    guard let chosen = InstructionSet(rawValue: name), available.contains(chosen) else {
      let names = available.map(\.rawValue).joined(separator: " or ")
      throw .failure("\(environmentVariable)=\(name): this CPU supports \(names)")
    }
    return Engine(chosen, dotAlgorithm: dotAlgorithm)
  }
}

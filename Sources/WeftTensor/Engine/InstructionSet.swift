import Foundation
import KernelInterface
import Kernels
import WeftBase

#if arch(x86_64)
  import CProcessor
  import KernelsAMX
  import KernelsAVX512
  import KernelsAVX512BF16
#endif

/// The instruction sets that kernels are compiled for, in ascending order of preference.
package enum InstructionSet: String, CaseIterable, Sendable {
  /// AVX2 and FMA on x86-64, NEON on arm64.
  case baseline
  case avx512
  /// AVX-512 with its multiply-add of bfloat16 operands.
  case avx512BFloat16 = "avx512_bf16"
  /// The tiles of Advanced Matrix Extensions for products of bfloat16 operands, and AVX-512.
  case amx

  /// The CPU features that the kernels use, as named by Linux.
  var features: [String] {
    #if arch(x86_64)
      switch self {
      case .baseline: ["avx2", "fma"]
      case .avx512: ["avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl"]
      case .avx512BFloat16: InstructionSet.avx512.features + ["avx512_bf16"]
      case .amx: InstructionSet.avx512.features + ["amx_tile", "amx_bf16"]
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
      case .avx512, .avx512BFloat16, .amx: KernelsAVX512.VectorKernels.self
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
      case (.avx512, .f32_f32_f32), (.avx512BFloat16, .f32_f32_f32), (.amx, .f32_f32_f32):
        KernelsAVX512.Float32DotKernels.self
      case (.baseline, .bf16_bf16_f32): Kernels.BFloat16DotKernels.self
      case (.avx512, .bf16_bf16_f32): KernelsAVX512.BFloat16DotKernels.self
      case (.avx512BFloat16, .bf16_bf16_f32): KernelsAVX512BF16.BFloat16DotKernels.self
      case (.amx, .bf16_bf16_f32): KernelsAMX.AMXDotKernels.self
      case (.baseline, .bf16_bf16_f32_x3): Kernels.SplitDotKernels<Kernels.BFloat16DotKernels>.self
      case (.avx512, .bf16_bf16_f32_x3):
        KernelsAVX512.SplitDotKernels<KernelsAVX512.BFloat16DotKernels>.self
      case (.avx512BFloat16, .bf16_bf16_f32_x3):
        KernelsAVX512.SplitDotKernels<KernelsAVX512BF16.BFloat16DotKernels>.self
      case (.amx, .bf16_bf16_f32_x3): KernelsAVX512.SplitDotKernels<KernelsAMX.AMXDotKernels>.self
      }
    #else
      switch algorithm {
      case .f32_f32_f32: Kernels.Float32DotKernels.self
      case .bf16_bf16_f32: Kernels.BFloat16DotKernels.self
      case .bf16_bf16_f32_x3: Kernels.SplitDotKernels<Kernels.BFloat16DotKernels>.self
      }
    #endif
  }

  /// The instruction sets that can be used: the CPU has them, the operating system permits them, and their products
  /// have the bits that their dot algorithm defines.
  package static var available: [InstructionSet] { examined.available }

  /// Why instruction sets that the CPU has are not used, one sentence each.
  package static var notes: [String] { examined.notes }

  private static let examined: (available: [InstructionSet], notes: [String]) = {
    #if arch(x86_64)
      let present = processorFeatures(
        in: (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "")
      var available: [InstructionSet] = []
      var notes: [String] = []
      for set in allCases where set.features.allSatisfy({ present.contains(Substring($0)) }) {
        if let objection = set.objection {
          notes.append("\(set.rawValue) kernels are not used, as \(objection)")
        } else {
          available.append(set)
        }
      }
      return (available, notes)
    #else
      return ([.baseline], [])
    #endif
  }()

  #if arch(x86_64)
    /// Why this instruction set cannot be used on a CPU that has it.
    private var objection: String? {
      switch self {
      case .baseline, .avx512: return nil
      case .avx512BFloat16: break
      case .amx:
        if weft_request_tiles() != 0 {
          return "the operating system does not permit this process to use tiles"
        }
      }
      return DotComparison.agree(dotKernels(.bf16_bf16_f32), KernelsAVX512.BFloat16DotKernels.self)
        ? nil : "this CPU's products differ in some bits from those of other processors"
    }
  #endif

  /// The features of the first CPU in the text of `/proc/cpuinfo`.
  static func processorFeatures(in text: String) -> Set<Substring> {
    let line = text.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
    return Set(line.split(separator: " "))
  }
}

extension Engine {
  /// The environment variable that selects an instruction set: `baseline`, `avx512`, `avx512_bf16` or
  /// `amx`.
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

import Foundation
import Kernels
import Testing

@testable import KernelInterface

#if arch(x86_64)
  import KernelsAVX512
#endif

/// The compiled instruction sets that this CPU supports.
enum InstructionSet: String, CaseIterable {
  case baseline
  case avx512

  static let available: [InstructionSet] = allCases.filter { set in
    switch set {
    case .baseline:
      return true
    case .avx512:
      #if arch(x86_64)
        let processor = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        return ["avx512f", "avx512bw", "avx512dq", "avx512vl"].allSatisfy { processor.contains(" \($0)") }
      #else
        return false
      #endif
    }
  }

  var kernels: any KernelSet.Type {
    #if arch(x86_64)
      self == .baseline ? Kernels.VectorKernels.self : KernelsAVX512.VectorKernels.self
    #else
      Kernels.VectorKernels.self
    #endif
  }
}

/// Runs `body` with every available instruction set and expects the same bits; NaNs count as equal.
func expectSameBits(
  _ body: (any KernelSet.Type) -> [Float], sourceLocation: SourceLocation = #_sourceLocation
) {
  let results = InstructionSet.available.map { body($0.kernels) }
  for result in results.dropFirst() {
    let equal = zip(results[0], result).allSatisfy {
      $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN)
    }
    #expect(results[0].count == result.count && equal, sourceLocation: sourceLocation)
  }
}

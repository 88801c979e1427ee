import KernelInterface
import WeftConfiguration

/// The precision of matrix products. Everything else is float32 in any case.
public enum Precision: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// Float32 throughout.
  case float32
  /// Operands rounded to bfloat16, sums in float32.
  case bfloat16
  /// Operands as sums of two numbers in bfloat16, sums in float32.
  case bfloat16x3

  /// How products are computed.
  package var dotAlgorithm: DotAlgorithm {
    switch self {
    case .float32: .f32_f32_f32
    case .bfloat16: .bf16_bf16_f32
    case .bfloat16x3: .bf16_bf16_f32_x3
    }
  }
}

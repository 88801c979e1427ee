import WeftConfiguration

/// Steps beyond the ends of a sequence that windows contain: zeros to a convolution.
public enum ConvolutionPadding: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// Only before the first step: outputs depend on no later input.
  case causal
  /// On both sides, so that without a stride there are as many outputs as inputs.
  case same
  /// None; a sequence shorter than the window has one output, as if zeros followed it.
  case valid
}

/// The windows of a convolution, or of pooling, over the steps of a sequence.
struct StepWindow: Equatable {
  /// Steps in a window.
  let width: Int
  let stride: Int
  /// Distance of the steps in a window.
  let dilation: Int
  let padding: ConvolutionPadding

  /// Steps from a window's first to after its last.
  private var span: Int { (width - 1) * dilation + 1 }

  /// Outputs of a sequence.
  func outputLength(_ length: Int) -> Int {
    padding == .valid ? max(0, length - span) / stride + 1 : (length - 1) / stride + 1
  }

  /// Steps of the first window that are before a sequence's first step.
  private func before(_ length: Int) -> Int {
    switch padding {
    case .causal: span - 1
    case .same: max(0, (outputLength(length) - 1) * stride + span - length) / 2
    case .valid: 0
    }
  }

  /// The input step that an output reads at a place in its window; nil beyond the ends.
  func inputStep(_ output: Int, place: Int, length: Int) -> Int? {
    let step = output * stride + place * dilation - before(length)
    return (0..<length).contains(step) ? step : nil
  }

  /// The input steps in an output's window, without those beyond the ends; never empty.
  ///
  /// - Precondition: Without dilation.
  func inputSteps(_ output: Int, length: Int) -> Range<Int> {
    precondition(dilation == 1)
    let first = output * stride - before(length)
    return max(first, 0)..<min(first + width, length)
  }
}

/// An element-wise function of a layer's outputs.
public enum Activation: String, CaseIterable, Codable, Sendable {
  /// x.
  case linear
  /// max(x, 0).
  case relu
  /// x where x > 0, else x / 100.
  case leakyReLU = "leaky-relu"
  /// x where x > 0, else eˣ − 1 (Clevert, Unterthiner and Hochreiter 2016, with α = 1).
  case elu
  /// x·Φ(x), with the distribution function Φ of the standard normal distribution (Hendrycks and Gimpel 2016).
  case gelu
  /// x where x > 0, else α·(eˣ − 1), times λ, with the constants of Klambauer et al. 2017 that keep variances.
  case selu
  /// x·σ(x) (Ramachandran, Zoph and Le 2017), also called swish.
  case silu
  /// x·tanh(ln(1 + eˣ)) (Misra 2019).
  case mish
  /// max(x, 0), at most 6.
  case relu6
  /// tanh(x).
  case tanh
  /// 1 / (1 + e⁻ˣ).
  case sigmoid
  /// ln(1 + eˣ).
  case softplus
  /// x / (1 + |x|).
  case softsign
  /// eˣ.
  case exponential
  /// x / 6 + 1/2 within 0 and 1, as in PyTorch and Keras 3.
  case hardSigmoid = "hard-sigmoid"
  /// x / 5 + 1/2 within 0 and 1, as in Keras 1 and 2.
  case hardSigmoidKeras2 = "hard-sigmoid-keras2"

  /// Whether the gradient is computed from the inputs, rather than the outputs, of the forward pass.
  package var gradientReadsInputs: Bool { [.gelu, .silu, .mish].contains(self) }
}

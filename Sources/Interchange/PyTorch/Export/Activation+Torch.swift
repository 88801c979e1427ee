import KernelInterface

extension Activation {
  /// f of an expression.
  func torch(_ x: String) -> String {
    switch self {
    case .linear: x
    case .relu: "torch.relu(\(x))"
    case .leakyReLU: "nn.functional.leaky_relu(\(x), 0.01)"
    case .elu: "nn.functional.elu(\(x))"
    case .gelu: "nn.functional.gelu(\(x))"
    case .selu: "nn.functional.selu(\(x))"
    case .silu: "nn.functional.silu(\(x))"
    case .mish: "nn.functional.mish(\(x))"
    case .relu6: "nn.functional.relu6(\(x))"
    case .softsign: "nn.functional.softsign(\(x))"
    case .exponential: "torch.exp(\(x))"
    case .tanh: "torch.tanh(\(x))"
    case .sigmoid: "torch.sigmoid(\(x))"
    case .softplus: "nn.functional.softplus(\(x))"
    case .hardSigmoid: "nn.functional.hardsigmoid(\(x))"
    case .hardSigmoidKeras2: "torch.clamp(0.2 * \(x) + 0.5, 0, 1)"
    }
  }
}

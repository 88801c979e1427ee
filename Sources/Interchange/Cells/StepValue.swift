import KernelInterface

/// A value of one time step as a formula of others: rows of a batch `[batch, features]`, or a row for all of them.
///
/// Other programs have operators for few cells; what computes the others there is written from such formulas.
indirect enum StepValue: Equatable {
  /// `x`, the gates' part that depends on the inputs; `h` and `c`, the states before the step; or a defined name.
  case named(String)
  case number(Float)
  /// A parameter of one row, or some of its gates.
  case row(String, gates: Range<Int>?)
  /// The product with a parameter `[features, gates · units]`, or with some of its gates.
  case product(StepValue, String, gates: Range<Int>?)
  /// The products of each head's part with its rows of a parameter `[features, gates · units / heads]`.
  case headProduct(StepValue, String)
  /// Each of so many gates with the mean 0 and the variance 1.
  case normalized(StepValue, gates: Int)
  case apply(Function, StepValue)
  case combine(Operation, StepValue, StepValue)
  /// Values side by side.
  case joined([StepValue])
  /// A value where another is above zero, and a third one elsewhere.
  case choice(ifPositive: StepValue, StepValue, otherwise: StepValue)

  enum Function: Equatable {
    case activation(Activation)
    case exponential, cosine, sine
  }

  enum Operation: Equatable {
    case add, subtract, multiply, divide, maximum, minimum
  }

  static func + (left: Self, right: Self) -> Self { .combine(.add, left, right) }
  static func - (left: Self, right: Self) -> Self { .combine(.subtract, left, right) }
  static func * (left: Self, right: Self) -> Self { .combine(.multiply, left, right) }
  static func / (left: Self, right: Self) -> Self { .combine(.divide, left, right) }
  static prefix func - (value: Self) -> Self { .number(0) - value }

  static func row(_ name: String) -> Self { .row(name, gates: nil) }
  static func exp(_ value: Self) -> Self { .apply(.exponential, value) }
  static func sigmoid(_ value: Self) -> Self { .apply(.activation(.sigmoid), value) }
  static func tanh(_ value: Self) -> Self { .apply(.activation(.tanh), value) }
  static func greater(_ left: Self, _ right: Self) -> Self { .combine(.maximum, left, right) }
  static func smaller(_ left: Self, _ right: Self) -> Self { .combine(.minimum, left, right) }
}

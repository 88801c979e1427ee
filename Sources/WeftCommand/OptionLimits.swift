import ArgumentParser
import WeftBase

/// Limits of the numbers on the command line: as in configurations, so that sums and products of two cannot overflow.
enum OptionLimits {
  /// Checks all options of a parsed command, including those that it shares with others. Options of 64 bits, which are
  /// seeds, are not limited.
  ///
  /// - Throws: A usage error that names the option.
  static func check(_ command: Any) throws(WeftError) {
    for child in Mirror(reflecting: command).children {
      // The property wrapper of `length` is stored as `_length`.
      let name = (child.label ?? "").drop { $0 == "_" }
      switch child.value {
      case let option as Option<Int>: try check(option.wrappedValue, name)
      case let option as Option<Int?>: if let value = option.wrappedValue { try check(value, name) }
      case let option as Option<[Int]>: for value in option.wrappedValue { try check(value, name) }
      case let option as Option<Double>: try check(option.wrappedValue, name)
      case let option as Option<Double?>: if let value = option.wrappedValue { try check(value, name) }
      case let group as any OptionCarrier: try check(group.options)
      default: continue
      }
    }
  }

  private static func check(_ value: Int, _ name: Substring) throws(WeftError) {
    let bound = BoundedInteger.maximum
    guard (-bound...bound).contains(value) else {
      throw .usage("--\(hyphenated(name)): must be at most \(bound), not \(value)")
    }
  }

  private static func check(_ value: Double, _ name: Substring) throws(WeftError) {
    guard value.magnitude <= 1e12 else {
      throw .usage("--\(hyphenated(name)): must be a number of at most 1e12, not \(value)")
    }
  }

  /// `topK` is the option `--top-k`.
  private static func hyphenated(_ name: Substring) -> String {
    name.reduce(into: "") { $0 += $1.isUppercase ? "-\($1.lowercased())" : String($1) }
  }
}

/// Options that several commands share.
private protocol OptionCarrier {
  var options: Any { get }
}

extension OptionGroup: OptionCarrier {
  fileprivate var options: Any { wrappedValue }
}

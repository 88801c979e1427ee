/// Integers from files and command lines, in ranges where sums and products of two cannot overflow.
///
/// A file may state any number. A reader takes those that it computes with through here, so that an absurd one is an
/// error of the file and never a trap.
package enum BoundedInteger {
  /// Bound of steps, epochs, rows, units and options: 2³¹ − 1, as in configurations.
  package static let maximum = Int(Int32.max)
  /// Bound of totals, such as all time steps of a run: 2⁵³, up to which numbers of JSON are exact.
  package static let maximumTotal = 1 << 53

  /// An integer of a file.
  ///
  /// - Parameter name: The field, for the error.
  /// - Throws: If it is out of range.
  package static func checked(
    _ value: Int, _ name: String, in range: ClosedRange<Int> = 0...maximum
  ) throws(WeftError) -> Int {
    guard range.contains(value) else {
      throw .failure("\(name) is \(value), not from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// The integer that a parsed JSON value is; nil for anything else, and out of range.
  package static func json(_ value: Any?, in range: ClosedRange<Int> = 0...maximum) -> Int? {
    guard let integer = value as? Int, range.contains(integer) else { return nil }
    return integer
  }
}

extension Int {
  /// The integer part of a number, at most 2⁵³ in magnitude; 0 for NaN.
  package init(limiting value: Double) {
    let bound = Double(BoundedInteger.maximumTotal)
    self = value.isNaN ? 0 : Int(Swift.min(Swift.max(value, -bound), bound))
  }
}

extension Collection<Int> {
  /// The product; nil if a factor is negative, or it overflows.
  package var boundedProduct: Int? {
    reduce(1 as Int?) { product, factor in
      guard let product, factor >= 0 else { return nil }
      let (result, overflows) = product.multipliedReportingOverflow(by: factor)
      return overflows ? nil : result
    }
  }
}

extension Double {
  /// The place of a value between two bounds, from 0 to 1; 0.5 where they are equal.
  ///
  /// Halves are subtracted, because the difference of two finite numbers can be infinite.
  package func share(from low: Double, to high: Double) -> Double {
    let span = high / 2 - low / 2
    guard span > 0 else { return 0.5 }
    return Swift.min(Swift.max((self / 2 - low / 2) / span, 0), 1)
  }
}

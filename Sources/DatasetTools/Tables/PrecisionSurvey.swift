/// Whether single precision has the numbers of a column or series as they are, or nearly so.
struct PrecisionSurvey {
  /// The smallest number; nil without any.
  private(set) var minimum: Double?
  private(set) var maximum: Double?
  /// Whether single precision has all numbers as they are.
  private var areExact = true
  /// The first whole number with more digits than single precision holds, and its line.
  private var firstRounded: (text: String, line: Int)?
  /// The first number beyond the range of single precision, and its line.
  private(set) var firstExcess: (text: String, line: Int)?

  /// Why a number beyond the range of single precision is refused.
  static func excess(_ text: some CustomStringConvertible) -> String {
    "\(text) exceeds the range of 32-bit numbers, 3.4e38"
  }

  mutating func add(_ value: Double, _ text: @autoclosure () -> String, line: Int) {
    minimum = min(minimum ?? value, value)
    maximum = max(maximum ?? value, value)
    let single = Float(value)
    if Double(single) == value { return }
    areExact = false
    if single.isInfinite, firstExcess == nil { firstExcess = (text(), line) }
    // Numbers with an exponent are measured or computed, not counted.
    if firstRounded == nil, value == value.rounded(), case let text = text(),
      !text.utf8.contains(where: { $0 | 0x20 == 0x65 })
    {
      firstRounded = (text, line)
    }
  }

  /// Why the numbers are stored in double precision: those above 2²⁴ would be rounded, or fewer than three digits of what
  /// they differ by would be left; nil if single precision is enough.
  ///
  /// - Parameter name: What has the numbers, such as `column 'x'`.
  func note(of name: String) -> String? {
    guard !areExact, let minimum, let maximum else { return nil }
    if let firstRounded {
      return "stored in double precision, as single precision rounds \(firstRounded.text) on line"
        + " \(firstRounded.line), \(name)"
    }
    let spacing = Double(Float(max(abs(minimum), abs(maximum))).ulp)
    guard maximum > minimum, spacing > 1e-3 * (maximum - minimum) else { return nil }
    return
      "stored in double precision, as single precision keeps too few digits of what the numbers of \(name)"
      + " differ by"
  }
}

import Foundation

/// Formats numbers for people, independent of the locale.
package enum NumberText {
  /// With a fixed number of decimals: 1.50.
  package static func fixed(_ value: Double, decimals: Int) -> String {
    value.isFinite ? String(format: "%.\(decimals)f", value) : "\(value)"
  }

  /// With a number of significant digits and no trailing zeros: 0.0013, 2.5e-05.
  package static func significant(_ value: Double, digits: Int) -> String {
    value.isFinite ? String(format: "%.\(digits)g", value) : "\(value)"
  }

  /// The shortest text of a number in single precision, ten digits of others, so that both read back as the same number in
  /// single precision; whole numbers without an exponent.
  package static func readable(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e15 { return "\(Int(value))" }
    let single = Float(value)
    return Double(single) == value ? single.shortest : significant(value, digits: 10)
  }

  /// With three significant digits and a letter for thousands, millions or billions: 950, 4.45k, 12.3M.
  package static func abbreviated(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    var value = value
    for suffix in ["", "k", "M", "G"] {
      // The bound is where three digits would round up to the next unit.
      if abs(value) < 999.5 || suffix == "G" {
        let decimals = suffix.isEmpty || abs(value) >= 99.95 ? 0 : abs(value) >= 9.995 ? 1 : 2
        return fixed(value, decimals: decimals) + suffix
      }
      value /= 1000
    }
    return ""
  }

  /// A number and what it counts, which is in the singular for one: 1 row, 12 rows, 1 class.
  ///
  /// - Parameter plural: What it counts, in a plural that ends with s.
  package static func counted(_ count: Int, _ plural: String) -> String {
    guard count == 1, plural != "series" else { return "\(count) \(plural)" }
    if plural.hasSuffix("ies") { return "1 \(plural.dropLast(3))y" }
    let hasVowel = ["sses", "ches", "xes"].contains(where: plural.hasSuffix)
    return "1 \(plural.dropLast(hasVowel ? 2 : 1))"
  }

  /// A percentage: 12.5%.
  package static func percent(_ part: Int, of whole: Int) -> String {
    "\(significant(100 * Double(part) / Double(max(whole, 1)), digits: 3))%"
  }

  /// In the two largest units: 42s, 3m05s, 2h07m, 4d03h.
  package static func duration(_ duration: Duration) -> String {
    let seconds = max(0, duration.components.seconds)
    func pair(_ high: Int64, _ highUnit: String, _ low: Int64, _ lowUnit: String) -> String {
      "\(high)\(highUnit)\(low < 10 ? "0" : "")\(low)\(lowUnit)"
    }
    return switch seconds {
    case ..<60: "\(seconds)s"
    case ..<3600: pair(seconds / 60, "m", seconds % 60, "s")
    case ..<86400: pair(seconds / 3600, "h", seconds / 60 % 60, "m")
    default: pair(seconds / 86400, "d", seconds / 3600 % 24, "h")
    }
  }

  /// A number of seconds in the two largest units; what is no duration counts as 0, and at most 10¹⁵ seconds are told.
  package static func duration(seconds: Double) -> String {
    duration(.seconds(seconds.isFinite ? min(max(seconds, 0), 1e15) : 0))
  }

  /// As JSON: the shortest text that parses to the same number; null for non-finite numbers.
  package static func json(_ value: Double) -> String {
    guard value.isFinite else { return "null" }
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension Float {
  /// The shortest text that reads back as the same number, without a fraction of zero.
  package var shortest: String {
    description.hasSuffix(".0") ? String(description.dropLast(2)) : description
  }
}

/// The text of a number, without the `.0` of integral ones.
func short(_ number: some Sendable) -> String {
  let text = "\(number)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// The interval that a value must be in.
package struct Limits<Value: Comparable & Sendable>: Sendable, CustomStringConvertible {
  package let description: String
  package let contains: @Sendable (Value) -> Bool

  package static func atLeast(_ minimum: Value) -> Limits {
    Limits(description: "at least \(short(minimum))") { $0 >= minimum }
  }

  package static func above(_ bound: Value) -> Limits {
    Limits(description: "above \(short(bound))") { $0 > bound }
  }

  package static func from(_ minimum: Value, atMost maximum: Value) -> Limits {
    Limits(description: "at least \(short(minimum)) and at most \(short(maximum))") {
      $0 >= minimum && $0 <= maximum
    }
  }

  package static func from(_ minimum: Value, below bound: Value) -> Limits {
    Limits(description: "at least \(short(minimum)) and below \(short(bound))") {
      $0 >= minimum && $0 < bound
    }
  }

  package static func above(_ bound: Value, below limit: Value) -> Limits {
    Limits(description: "above \(short(bound)) and below \(short(limit))") { $0 > bound && $0 < limit }
  }

  package static func above(_ bound: Value, atMost maximum: Value) -> Limits {
    Limits(description: "above \(short(bound)) and at most \(short(maximum))") {
      $0 > bound && $0 <= maximum
    }
  }
}

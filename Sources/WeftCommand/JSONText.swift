import Foundation
import WeftBase

/// A JSON object on one line, with its members in the given order.
enum JSONText {
  enum Value {
    case text(String)
    case integer(Int)
    /// Null if the value is missing or non-finite.
    case number(Double?)
    /// JSON as it is.
    case json(String)
  }

  static func object(_ members: [(name: String, value: Value)]) -> String {
    "{" + members.map { "\(JSONString.quoted($0.name)):\(text($0.value))" }.joined(separator: ",") + "}"
  }

  private static func text(_ value: Value) -> String {
    switch value {
    case .text(let text): JSONString.quoted(text)
    case .integer(let integer): "\(integer)"
    case .json(let text): text
    case .number(let number?) where number.isFinite: "\(number)"
    case .number: "null"
    }
  }
}

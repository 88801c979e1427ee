import Foundation
import WeftBase

/// A JSON object on one line, with its members in the given order.
enum JSONText {
  enum Value {
    case text(String)
    case integer(Int)
    /// Null if the value is missing or non-finite.
    case number(Double?)
  }

  static func object(_ members: [(name: String, value: Value)]) -> String {
    "{" + members.map { "\(quoted($0.name)):\(text($0.value))" }.joined(separator: ",") + "}"
  }

  private static func text(_ value: Value) -> String {
    switch value {
    case .text(let text): quoted(text)
    case .integer(let integer): "\(integer)"
    case .number(let number?) where number.isFinite: "\(number)"
    case .number: "null"
    }
  }

  private static func quoted(_ text: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    // A string always has a JSON form.
    return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self).escapingControlsInJSON }
      ?? "\"\""
  }
}

import Foundation

/// JSON strings.
package enum JSONString {
  /// A text as a JSON string, in quotes.
  package static func quoted(_ text: String) -> String {
    // Most texts are plain, and an encoder takes a hundred times as long.
    let isPlain = text.utf8.allSatisfy {
      0x20..<0x7f ~= $0 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
    }
    if isPlain {
      return "\"\(text)\""
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    // A string always has a JSON form.
    return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self).escapingControlsInJSON }
      ?? "\"\""
  }
}

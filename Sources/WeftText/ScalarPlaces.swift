/// The Unicode scalars of a text by their places in its UTF-8: those of ASCII, which most are, are bytes.
struct ScalarPlaces {
  private let text: String
  private let bytes: [UInt8]

  init(_ text: String) {
    // Only of UTF-8, places are found at once.
    var text = text
    text.makeContiguousUTF8()
    self.text = text
    bytes = Array(text.utf8)
  }

  /// The place after the last scalar.
  var end: Int { bytes.count }

  /// The scalar that begins at a place.
  subscript(place: Int) -> Unicode.Scalar {
    let byte = bytes[place]
    return byte < 0x80 ? Unicode.Scalar(byte) : text.unicodeScalars[index(place)]
  }

  /// The place of the scalar after that at a place.
  func place(after place: Int) -> Int {
    switch bytes[place] {
    case ..<0x80: place + 1
    case ..<0xE0: place + 2
    case ..<0xF0: place + 3
    default: place + 4
    }
  }

  /// Whether a text begins at a place.
  func has(_ part: String, at place: Int) -> Bool { bytes[place...].starts(with: part.utf8) }

  /// The text between two places.
  func text(_ places: Range<Int>) -> Substring { text[index(places.lowerBound)..<index(places.upperBound)] }

  private func index(_ place: Int) -> String.Index { text.utf8.index(text.startIndex, offsetBy: place) }
}

/// Dots on a terminal: each character contains 2 × 4 dots (Unicode braille patterns).
struct BrailleCanvas {
  /// Size in characters.
  let columns: Int
  let rows: Int
  /// Dots of each character.
  private var patterns: [UInt8]
  /// Series of each character; the last one drawn wins.
  private var series: [Int?]

  init(columns: Int, rows: Int) {
    (self.columns, self.rows) = (max(columns, 1), max(rows, 1))
    patterns = [UInt8](repeating: 0, count: self.columns * self.rows)
    series = [Int?](repeating: nil, count: patterns.count)
  }

  /// Size in dots.
  var width: Int { 2 * columns }
  var height: Int { 4 * rows }

  /// Sets a dot, counted from the upper left; dots outside are ignored.
  mutating func set(x: Int, y: Int, series number: Int) {
    guard (0..<width).contains(x), (0..<height).contains(y) else { return }
    let place = y / 4 * columns + x / 2
    // Dots 1, 2, 3 and 7 are on the left, 4, 5, 6 and 8 on the right.
    let bit: UInt8 = y % 4 == 3 ? 6 + UInt8(x % 2) : UInt8(y % 4) + 3 * UInt8(x % 2)
    patterns[place] |= 1 << bit
    series[place] = number
  }

  /// Sets the dots of a straight line.
  mutating func line(from start: (x: Int, y: Int), to end: (x: Int, y: Int), series number: Int) {
    let steps = max(abs(end.x - start.x), abs(end.y - start.y), 1)
    for step in 0...steps {
      set(
        x: start.x + (end.x - start.x) * step / steps, y: start.y + (end.y - start.y) * step / steps,
        series: number)
    }
  }

  /// The lines of text.
  ///
  /// - Parameter style: Applies the color of a series to a character.
  func lines(_ style: (Character, Int) -> String) -> [String] {
    (0..<rows).map { row in
      (0..<columns).map { column in
        let place = row * columns + column
        guard let number = series[place], let scalar = Unicode.Scalar(0x2800 + UInt32(patterns[place])) else {
          return " "
        }
        return style(Character(scalar), number)
      }.joined()
    }
  }
}

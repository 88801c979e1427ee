/// The fields of a row, of which texts and numbers are made where they are wanted.
struct TableRow: RandomAccessCollection {
  /// The fields in UTF-8, with a byte between them.
  private var bytes: [UInt8]
  /// Where each of them ends.
  private var ends: [Int]

  init() { (bytes, ends) = ([], []) }

  init(_ texts: some Sequence<String>) {
    self.init()
    for text in texts { append(text.utf8) }
  }

  /// - Parameters:
  ///   - bytes: The fields in UTF-8, with a byte between them.
  ///   - ends: Where each of them ends.
  init(_ bytes: ArraySlice<UInt8>, ends: [Int]) {
    (self.bytes, self.ends) = (Array(bytes), ends)
  }

  var startIndex: Int { 0 }
  var endIndex: Int { ends.count }

  /// The text of a field.
  subscript(index: Int) -> String { String(decoding: bytes[range(index)], as: UTF8.self) }

  /// Whether no field contains anything.
  var isBlank: Bool { bytes.count < ends.count || ends.isEmpty }

  /// Appends a field of UTF-8.
  mutating func append(_ field: some Collection<UInt8>) {
    if !ends.isEmpty { bytes.append(0) }
    bytes += field
    ends.append(bytes.count)
  }

  mutating func removeLast() {
    ends.removeLast()
    bytes.removeLast(bytes.count - (ends.last ?? 0))
  }

  /// Removes a character of ASCII at the end of the last field; false if that ends otherwise.
  mutating func removeLast(_ character: UInt8) -> Bool {
    guard let last = indices.last, bytes[range(last)].last == character else { return false }
    bytes.removeLast()
    ends[last] -= 1
    return true
  }

  /// The number of a field that consists of digits alone, with a sign and a decimal mark, and blanks around it; nil for all
  /// others, which may be numbers as well.
  func plainNumber(_ index: Int, decimal: UInt8) -> Double? {
    PlainNumber.value(bytes.span.extracting(range(index)), decimal: decimal)
  }

  private func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1] + 1)..<ends[index] }
}

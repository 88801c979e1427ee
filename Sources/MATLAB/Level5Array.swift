import WeftBase

/// An array of MATLAB's level 5, checked against its own header: matio takes the sizes on trust, reads what is not
/// there as zeros or out of the element after it, or crashes. Source: MathWorks, MAT-File Format.
struct Level5Array {
  private let bytes: ElementBytes
  private let path: String
  private let isBigEndian: Bool

  /// An element of an array: its type and its bytes, which small ones have in their tag.
  private struct Element {
    var type: Int
    var byteCount: Int
    var inTag: [UInt8]?
  }

  private enum DataType {
    static let int32 = 5
    static let uint32 = 6
    static let double = 9
    static let matrix = 14
    static let utf8 = 16
    static let utf16 = 17
    static let utf32 = 18
    /// Bytes of a number.
    static let widths = [1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8]
  }

  private enum ArrayClass {
    static let cell = 1
    static let structure = 2
    static let object = 3
    static let character = 4
    static let sparse = 5
    static let numbers = 6...15
    /// An object of a class of MATLAB's own language, whose values are in a form that it does not publish.
    static let opaque = 17
  }

  private static let isComplexFlag = 0x800
  private static let isLogicalFlag = 0x200
  /// Arrays within arrays; far more than files have, and than the stack holds.
  private static let mostLevels = 100

  /// Checks the array that follows.
  ///
  /// - Parameters:
  ///   - bytes: What follows the array's tag.
  ///   - byteCount: Bytes of the array.
  /// - Returns: The variable's name and class if it is an object; nil for an array.
  /// - Throws: If it ends early, or does not hold what it states.
  static func check(
    _ bytes: ElementBytes, byteCount: Int, isBigEndian: Bool, path: String
  ) throws(WeftError) -> MATLABObject? {
    try Level5Array(bytes: bytes, path: path, isBigEndian: isBigEndian).check(byteCount, name: nil, level: 0)
  }

  private func damaged(_ name: String?) -> WeftError {
    let variable = name.map { "the variable '\($0)'" } ?? "a variable"
    return .data("\(path): is damaged: \(variable) does not hold what its header states")
  }

  @discardableResult
  private func check(_ byteCount: Int, name outer: String?, level: Int) throws(WeftError) -> MATLABObject? {
    // An array without any content is empty.
    if byteCount == 0 { return nil }
    guard level < Self.mostLevels else { throw damaged(outer) }
    let end = bytes.position + byteCount
    let flags = try integers(element(before: end, outer), outer)
    guard flags.count == 2 else { throw damaged(outer) }
    let arrayClass = flags[0] & 0xFF
    let isKnown = ArrayClass.cell <= arrayClass && arrayClass <= ArrayClass.numbers.upperBound
    // Functions and objects of classes have another form, and are left out.
    guard isKnown else {
      let object = arrayClass == ArrayClass.opaque ? try object(before: end) : nil
      try bytes.skip(end - bytes.position)
      return object
    }

    let dimensions = try integers(element(before: end, outer), outer)
    guard dimensions.count >= 2, dimensions.allSatisfy({ $0 <= Int32.max }),
      let count = dimensions.boundedProduct
    else { throw damaged(outer) }
    let ownName = try String(decoding: content(element(before: end, outer), outer), as: UTF8.self)
    let name = outer ?? (ownName.isEmpty ? nil : ownName.printable())

    let parts = flags[0] & Self.isComplexFlag != 0 ? 2 : 1
    switch arrayClass {
    case ArrayClass.cell: try checkArrays(count, before: end, name, level)
    case ArrayClass.structure: try checkFields(of: count, before: end, name, level)
    case ArrayClass.object:
      // The name of its class.
      try skip(element(before: end, name))
      try checkFields(of: count, before: end, name, level)
    case ArrayClass.character: try checkCharacters(count, before: end, name)
    case ArrayClass.sparse:
      let entries = try checkSparseIndices(dimensions, before: end, name)
      let isLogical = flags[0] & Self.isLogicalFlag != 0
      try checkNumbers(parts: parts, before: end, name) { numbers, width in
        // MATLAB states bytes of truth values as numbers of eight bytes.
        numbers.byteCount >= entries * (isLogical && numbers.type == DataType.double ? 1 : width)
      }
    default:
      if count == 0, bytes.position >= end { return nil }
      try checkNumbers(parts: parts, before: end, name) { has($0, count, ofWidth: $1) }
    }
    guard bytes.position <= end else { throw damaged(name) }
    try bytes.skip(end - bytes.position)
    return nil
  }

  // MARK: - Kinds of arrays

  /// The name and the class of an object, between which is that of their system.
  private func object(before end: Int) throws(WeftError) -> MATLABObject? {
    var texts: [String] = []
    for _ in 0..<3 {
      let text = try element(before: end, nil)
      texts.append(String(decoding: try content(text, nil), as: UTF8.self))
    }
    return texts[0].isEmpty || texts[2].isEmpty ? nil : MATLABObject(name: texts[0], className: texts[2])
  }

  private func checkArrays(
    _ count: Int, before end: Int, _ name: String?, _ level: Int
  ) throws(WeftError) {
    var count = count
    while count > 0 {
      let tag = try element(before: end, name)
      guard tag.type == DataType.matrix, tag.inTag == nil else { throw damaged(name) }
      try check(tag.byteCount, name: name, level: level + 1)
      count -= 1
    }
  }

  private func checkFields(
    of structures: Int, before end: Int, _ name: String?, _ level: Int
  ) throws(WeftError) {
    let lengths = try integers(element(before: end, name), name)
    let names = try element(before: end, name)
    try skip(names)
    guard lengths.count == 1, lengths[0] > 0, names.byteCount.isMultiple(of: lengths[0]) else {
      // Without fields, their names have no length.
      if lengths == [0], names.byteCount == 0 { return }
      throw damaged(name)
    }
    guard let count = [structures, names.byteCount / lengths[0]].boundedProduct else { throw damaged(name) }
    try checkArrays(count, before: end, name, level)
  }

  private func checkCharacters(_ count: Int, before end: Int, _ name: String?) throws(WeftError) {
    if count == 0, bytes.position >= end { return }
    let text = try element(before: end, name)
    guard text.type != DataType.utf8 else {
      let (characters, units) = try utf8Count(text)
      guard count == characters || count == units else { throw damaged(name) }
      return
    }
    let widths = DataType.widths.merging([DataType.utf16: 2, DataType.utf32: 4]) { $1 }
    // Some of MATLAB's own files hold an empty text as one character without bytes.
    let isEmpty = text.byteCount == 0 && count <= 1
    guard let width = widths[text.type], isEmpty || has(text, count, ofWidth: width) else {
      throw damaged(name)
    }
    try skip(text)
  }

  /// The number of characters in UTF-8, and that of their units in UTF-16, which MATLAB counts.
  private func utf8Count(_ text: Element) throws(WeftError) -> (characters: Int, units: Int) {
    var (characters, pairs) = (0, 0)
    try forEachPiece(of: text) { piece throws(WeftError) in
      for byte in piece {
        if byte & 0xC0 != 0x80 { characters += 1 }
        if byte >= 0xF0 { pairs += 1 }
      }
    }
    return (characters, characters + pairs)
  }

  private func has(_ element: Element, _ count: Int, ofWidth width: Int) -> Bool {
    element.byteCount.isMultiple(of: width) && element.byteCount / width == count
  }

  /// - Parameters:
  ///   - parts: 2 for complex numbers, whose imaginary parts follow.
  ///   - isRight: Whether an element has as many numbers as it must, given the bytes of one.
  private func checkNumbers(
    parts: Int, before end: Int, _ name: String?, _ isRight: (Element, _ width: Int) -> Bool
  ) throws(WeftError) {
    for _ in 0..<parts {
      let numbers = try element(before: end, name)
      guard let width = DataType.widths[numbers.type], isRight(numbers, width) else { throw damaged(name) }
      try skip(numbers)
    }
  }

  /// Checks the rows of a sparse matrix's entries, and the first entry of each column.
  ///
  /// - Returns: The number of entries.
  private func checkSparseIndices(
    _ dimensions: [Int], before end: Int, _ name: String?
  ) throws(WeftError) -> Int {
    guard dimensions.count == 2 else { throw damaged(name) }
    let (rows, columns) = (dimensions[0], dimensions[1])
    var room = 0
    var highest = -1
    try forEachInteger(element(before: end, name), name) { row throws(WeftError) in
      (room, highest) = (room + 1, max(highest, row))
    }
    var starts = 0
    var last = 0
    try forEachInteger(element(before: end, name), name) { start throws(WeftError) in
      guard start >= last, starts > 0 || start == 0 else { throw damaged(name) }
      (starts, last) = (starts + 1, start)
    }
    // Room beyond the last entry may hold anything that stands for a row.
    guard starts == columns + 1, last <= room, highest < max(rows, 1) else { throw damaged(name) }
    return last
  }

  // MARK: - Elements

  /// The tag that follows.
  private func element(before end: Int, _ name: String?) throws(WeftError) -> Element {
    guard end - bytes.position >= MATLABElements.tagByteCount else { throw damaged(name) }
    let tag = try bytes.next(MATLABElements.tagByteCount)
    let first = integer(tag[0..<4], isBigEndian: isBigEndian)
    if first >> 16 != 0 {
      let element = Element(type: first & 0xFFFF, byteCount: first >> 16, inTag: Array(tag[4...]))
      guard element.byteCount <= 4 else { throw damaged(name) }
      return element
    }
    let element = Element(type: first, byteCount: integer(tag[4..<8], isBigEndian: isBigEndian), inTag: nil)
    guard element.byteCount <= end - bytes.position else { throw damaged(name) }
    return element
  }

  private func content(_ element: Element, _ name: String?) throws(WeftError) -> [UInt8] {
    if let inTag = element.inTag { return Array(inTag.prefix(element.byteCount)) }
    // Names, dimensions and flags alone are kept.
    guard element.byteCount <= 1 << 16 else { throw damaged(name) }
    let content = try bytes.next(element.byteCount)
    try bytes.skip(padding(of: element))
    return content
  }

  private func skip(_ element: Element) throws(WeftError) {
    if element.inTag == nil { try bytes.skip(element.byteCount + padding(of: element)) }
  }

  /// Elements begin at multiples of eight bytes.
  private func padding(of element: Element) -> Int { (8 - element.byteCount % 8) % 8 }

  private func integers(_ element: Element, _ name: String?) throws(WeftError) -> [Int] {
    guard element.type == DataType.int32 || element.type == DataType.uint32,
      element.byteCount.isMultiple(of: 4)
    else { throw damaged(name) }
    let content = try content(element, name)
    return stride(from: 0, to: content.count, by: 4).map {
      integer(content[$0..<$0 + 4], isBigEndian: isBigEndian)
    }
  }

  /// Gives the integers of an element, of which there may be many.
  private func forEachInteger(
    _ element: Element, _ name: String?, _ body: (Int) throws(WeftError) -> Void
  ) throws(WeftError) {
    guard element.type == DataType.int32 || element.type == DataType.uint32,
      element.byteCount.isMultiple(of: 4)
    else { throw damaged(name) }
    var word: [UInt8] = []
    try forEachPiece(of: element) { piece throws(WeftError) in
      for byte in piece {
        word.append(byte)
        guard word.count == 4 else { continue }
        try body(integer(word[...], isBigEndian: isBigEndian))
        word.removeAll(keepingCapacity: true)
      }
    }
  }

  /// Gives an element's bytes in pieces.
  private func forEachPiece(
    of element: Element, _ body: (ArraySlice<UInt8>) throws(WeftError) -> Void
  ) throws(WeftError) {
    if let inTag = element.inTag { return try body(inTag.prefix(element.byteCount)) }
    try bytes.forEachPiece(element.byteCount, body)
    try bytes.skip(padding(of: element))
  }
}

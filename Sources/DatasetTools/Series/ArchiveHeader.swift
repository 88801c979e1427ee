import WeftBase

/// The head of a `.ts` file: lines that begin with `@`, up to `@data`. Lines that begin with `#` or `%` say
/// nothing.
struct ArchiveHeader {
  /// What the series are called.
  var problem: String?
  /// Names of the classes; nil where series have a number or nothing as target.
  var classes: [String]?
  /// Whether each series has a number as target.
  var hasNumber = false
  /// Values of a step; nil if not told.
  var dimensions: Int?
  /// Whether all series are of one length; nil if not told.
  var hasEqualLengths: Bool?

  /// Whether the last field of a line is its target.
  var hasTarget: Bool { classes != nil || hasNumber }

  /// - Throws: If a line of the head is malformed.
  init(_ reader: LineReader) throws(WeftError) {
    while let line = try reader.next() {
      let text = MissingValues.trimmed(line)
      if text.isEmpty || text.hasPrefix("#") || text.hasPrefix("%") { continue }
      guard text.hasPrefix("@") else {
        throw reader.failure("expected a line that starts with @ before @data; is this a .ts file?")
      }
      let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
      let name = words[0].lowercased()
      func truth() throws(WeftError) -> Bool {
        switch words.count > 1 ? words[1].lowercased() : "" {
        case "true": return true
        case "false": return false
        default: throw reader.failure("\(words[0]) must be followed by true or false")
        }
      }
      switch name {
      case "@data": return
      case "@problemname": problem = words.dropFirst().joined(separator: " ")
      case "@timestamps":
        guard try !truth() else {
          throw reader.failure("series with time stamps are not supported; use equidistant values")
        }
      case "@univariate": if try truth() { dimensions = 1 }
      case "@dimension", "@dimensions":
        guard words.count == 2, let count = Int(words[1]), count > 0 else {
          throw reader.failure("\(words[0]) must be followed by a number above 0")
        }
        dimensions = count
      case "@equallength": hasEqualLengths = try truth()
      case "@classlabel":
        if try truth() { classes = Array(words.dropFirst(2)) }
        if classes?.isEmpty == true {
          throw reader.failure("@classLabel true must be followed by the classes' names")
        }
      case "@targetlabel": hasNumber = try truth()
      case "@missing", "@serieslength": break
      default:
        // Files of the archive hold remarks of their makers under other names.
        break
      }
    }
    throw .failure("\(reader.path): has no line @data; is this a .ts file?")
  }
}

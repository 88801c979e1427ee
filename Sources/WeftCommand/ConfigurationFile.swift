import HDF5
import WeftBase
import WeftTasks

/// A file that a user names as a configuration, which may be something else.
enum ConfigurationFile {
  /// Reads a configuration.
  ///
  /// - Throws: If it is none; the message says what the file is instead.
  static func read(_ path: String, overrides: [String] = []) throws(WeftError) -> Configuration {
    try check(path)
    return try Configuration(file: path, overrides: overrides)
  }

  /// Rejects files that are no text of keys and values, before they are read as such.
  ///
  /// - Throws: If it is one; the message says what to do with it.
  static func check(_ path: String) throws(WeftError) {
    if DataSource.isDataset(path) {
      throw .usage(
        "\(path): is an HDF5 file, not a configuration; write one for it with: weft init \(path.shellQuoted)")
    }
    try DataSource.checkIsConverted(path)
    // What cannot be read has an error of its own.
    guard let file = try? RegularFile(path), let start = try? file.read(at: 0, count: 1 << 16) else { return }
    if let kind = ForeignFile.kind(of: path) { throw .usage("\(path): is no configuration: \(kind)") }
    if start.contains(0), !OtherEncoding.isUTF16(start) {
      throw .usage("\(path): is binary, not a configuration (YAML); 'weft init' writes one for a dataset")
    }
    if start.starts(with: Array("<?xml".utf8)) {
      let name = PathParts.name(of: path)
      throw .usage(
        "\(path): is XML, not a configuration; pandas makes a table of the elements that are rows,"
          + " pandas.read_xml('\(name)', xpath=\"//*[local-name()='ROW']\").to_csv('\(PathParts.stem(of: path)).csv', index=False), for weft data"
          + " table")
    }
    let lines = String(decoding: start, as: UTF8.self).split(whereSeparator: \.isNewline).prefix(2)
    if lines.count == 2, lines.allSatisfy({ $0.hasPrefix("{") }), lines[0].hasSuffix("}") {
      throw .usage(
        "\(path): is of JSON lines, not a configuration; run: weft data text \(path.shellQuoted) --text-field TEXT"
          + " --label-field LABEL --split 0.8,0.1,0.1 --output data.h5")
    }
    if isTable(start) {
      throw .usage(
        "\(path): looks like a table, not a configuration; run: weft data table \(path.shellQuoted) --inputs COLUMNS"
          + " --split 0.8,0.1,0.1 --output data.h5")
    }
  }

  /// Whether the first lines have equal numbers of separators, and no key.
  private static func isTable(_ bytes: [UInt8]) -> Bool {
    guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")),
      let text = String(validating: bytes[..<end], as: UTF8.self)
    else { return false }
    let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }.prefix(3)
    guard lines.count >= 2,
      !lines.contains(where: { $0.contains(": ") || $0.hasSuffix(":") || $0.hasPrefix(" ") })
    else { return false }
    return [",", ";", "\t"].contains { (separator: Character) in
      let counts = lines.map { line in line.count(where: { $0 == separator }) }
      return counts[0] > 0 && Set(counts).count == 1
    }
  }
}

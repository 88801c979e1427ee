extension Configuration {
  /// Every key with its values, default and meaning, as Markdown: one table for each section.
  public static var reference: String {
    let defaults = Configuration()
    var lines: [String] = []
    var section: Substring = ""
    for key in keys {
      let keySection = key.path.prefix { $0 != "." }
      if keySection != section {
        section = keySection
        lines += lines.isEmpty ? [] : [""]
        lines += ["## `\(section)`", "", "| key | value | default | meaning |", "| --- | --- | --- | --- |"]
      }
      let name = key.path.dropFirst(section.count + 1)
      let standard = key.isRequired ? "required" : key.text(defaults).map { "`\($0)`" } ?? "not set"
      let allowed = key.allowed.replacing("'", with: "`")
      lines.append("| `\(name)` | \(allowed) | \(standard) | \(key.documentation) |")
    }
    return lines.map { $0 + "\n" }.joined()
  }
}

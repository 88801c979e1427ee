extension Configuration {
  /// Every key with its allowed values, default and meaning, as Markdown: one table per section.
  public static var reference: String {
    let defaults = Configuration()
    var lines = [
      "# Configuration", "",
      "A configuration is a YAML file with these sections and keys. Unknown keys are errors. On the command",
      "line, `--set section.key=value` overrides the file. `weft reference` prints this page.",
    ]
    var section: Substring = ""
    for key in keys {
      let keySection = key.path.prefix { $0 != "." }
      if keySection != section {
        section = keySection
        lines += ["", "## `\(section)`", ""]
        lines += ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
      }
      let name = key.path.dropFirst(section.count + 1)
      let standard = key.isRequired ? "required" : key.text(defaults).map { "`\($0)`" } ?? "not set"
      let allowed = key.allowed.replacing("'", with: "`")
      lines.append("| `\(name)` | \(allowed) | \(standard) | \(key.documentation) |")
    }
    return lines.map { $0 + "\n" }.joined()
  }
}

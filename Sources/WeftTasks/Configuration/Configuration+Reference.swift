import WeftConfiguration
import WeftLayers

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
        if section == "model" { lines += blocks }
        section = keySection
        lines += ["", "## `\(section)`", ""] + header
      }
      lines.append(row(key, name: key.path.dropFirst(section.count + 1), defaults: defaults))
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static let header = ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]

  /// The keys of the blocks of a model.
  private static var blocks: [String] {
    let introduction = [
      "", "### Blocks", "",
      "`model.blocks` is a list of mappings with these keys. The first of"
        + " \(BlockType.allCases.map { "`\($0.key)`" }.joined(separator: ", ")) that is set is the block's type",
      "([models](models.md)).", "",
    ]
    return introduction + header
      + BlockConfiguration.keys.map { row($0, name: $0.path[...], defaults: BlockConfiguration()) }
  }

  private static func row<Section>(
    _ key: ConfigurationKey<Section>, name: Substring, defaults: Section
  ) -> String {
    let standard = key.isRequired ? "required" : key.text(defaults).map { "`\($0)`" } ?? "not set"
    let allowed = key.allowed.replacing("'", with: "`")
    return "| `\(name)` | \(allowed) | \(standard) | \(key.documentation) |"
  }
}

import WeftBase
import WeftConfiguration

extension Configuration {
  /// Reads the YAML file at `path`, then applies overrides such as `model.hidden=256` in order.
  ///
  /// Relative paths in `data.file` and `data.files` are relative to the configuration file, or to the working directory
  /// where an override set them.
  public init(file path: String, overrides: [String] = []) throws(WeftError) {
    let yaml = try TextFile.contents(of: path, atMost: 16 << 20)
    let decoder = try Self.decoder(yaml: yaml, name: path, overrides: overrides)
    self = try decoder.configuration()
    guard let slash = path.lastIndex(of: "/") else { return }
    let folder = path[...slash]
    if !decoder.isOverridden("data.file"), !data.file.isEmpty, !data.file.hasPrefix("/") {
      data.file = folder + data.file
    }
    if !decoder.isOverridden("data.files") {
      data.files = data.files.map { $0.hasPrefix("/") ? $0 : folder + $0 }
    }
  }

  /// Reads a YAML document, then applies overrides in order. `name` is the name of the document in errors.
  public init(yaml: String, name: String = "configuration", overrides: [String] = []) throws(WeftError) {
    self = try Self.decoder(yaml: yaml, name: name, overrides: overrides).configuration()
  }

  private static func decoder(yaml: String, name: String, overrides: [String]) throws(WeftError)
    -> ConfigurationDecoder<Configuration>
  {
    var decoder = try ConfigurationDecoder<Configuration>(yaml: yaml, name: name)
    for assignment in overrides { try decoder.override(assignment) }
    return decoder
  }

  /// The complete configuration, including defaults, as YAML that reads back as an equal configuration.
  ///
  /// Equal configurations have equal texts.
  public var yaml: String {
    var lines: [String] = []
    var open: [Substring] = []
    for key in Self.keys {
      guard let text = key.text(self) else { continue }
      let parts = key.path.split(separator: ".")
      let sections = Array(parts.dropLast())
      let shared = zip(open, sections).prefix { $0 == $1 }.count
      for depth in shared..<sections.count {
        lines.append(String(repeating: "  ", count: depth) + "\(sections[depth]):")
      }
      lines.append(String(repeating: "  ", count: sections.count) + "\(parts[sections.count]): \(text)")
      open = sections
    }
    return lines.map { $0 + "\n" }.joined()
  }
}

import Foundation
import Testing

@testable import WeftTasks

/// The reference page and the library's documentation describe a key in the same words: the doc comment of a property
/// is the beginning of its key's description.
@Suite struct ConfigurationDocumentationTests {
  @Test(arguments: [
    ("data", ["WeftData/Configuration/DataConfiguration.swift"]),
    ("model", ["WeftModels/Configuration/ModelConfiguration.swift"]),
    ("decoder", ["WeftModels/Configuration/DecoderConfiguration.swift"]),
    ("decoding", ["WeftModels/Configuration/DecodingConfiguration.swift"]),
    ("loss", ["WeftLayers/Losses/LossConfiguration.swift"]),
    ("optimizer", ["WeftLayers/Optimizers/OptimizerConfiguration.swift"]),
    ("schedule", ["WeftLayers/Optimizers/ScheduleConfiguration.swift"]),
    (
      "training",
      [
        "WeftTasks/Configuration/TrainingConfiguration.swift",
        "WeftModels/Configuration/ModelConfiguration.swift",
      ]
    ),
  ])
  func propertiesRepeatTheirKeys(section: String, paths: [String]) throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources")
    let keys = Dictionary(uniqueKeysWithValues: Configuration.keys.map { ($0.path, $0.documentation) })
    var checked = 0
    for path in paths {
      let source = try String(contentsOf: sources.appending(path: path), encoding: .utf8)
      let comments = Self.documentedProperties(source)
      let key = /ConfigurationKey\(\s*(?:offAtZero: )?"(?<key>\w+)", \\(?:\w+)?\.(?<property>\w+)/
      for match in source.matches(of: key) {
        let (name, property) = (String(match.key), String(match.property))
        // A file may also have keys of another section; the count shows that none is missed.
        let own = keys["\(section).\(name)"] ?? keys["\(section).split.\(name)"]
        guard let description = own else { continue }
        let comment = try #require(comments[property], "\(path): \(property) has no comment")
        let beginning = comment.hasSuffix(".") ? String(comment.dropLast()) : comment
        let rest = description.dropFirst(beginning.count)
        #expect(
          description.hasPrefix(beginning) && rest.first.map { ".,;: ".contains($0) } ?? true,
          "\(path): '\(comment)' is not the beginning of the description of \(name)")
        checked += 1
      }
    }
    #expect(checked == keys.keys.count { $0.hasPrefix("\(section).") })
  }

  /// The first paragraph of each property's doc comment, on one line.
  private static func documentedProperties(_ source: String) -> [String: String] {
    var comments: [String: String] = [:]
    var lines: [Substring] = []
    for line in source.split(separator: "\n").map({ $0.drop { $0 == " " } }) {
      if line.hasPrefix("///") {
        lines.append(line.dropFirst(3))
      } else {
        if let match = line.firstMatch(of: /^public var (\w+)/) {
          let paragraph = lines.prefix { !$0.isEmpty }
          comments[String(match.1)] = paragraph.map { $0.dropFirst() }.joined(separator: " ")
        }
        lines = []
      }
    }
    return comments
  }
}

import Foundation
import HDF5
import WeftBase
import WeftData
import WeftTraining

extension Dataset {
  /// The group of data that a model is applied to.
  static let split = "data"

  /// Writes splits to an HDF5 file that replaces another one when it is complete.
  ///
  /// - Throws: If the file cannot be written, or the splits have other vocabularies or classes than the first.
  static func write(_ splits: [(name: String, data: Dataset)], to path: String) throws(WeftError) {
    let first = splits[0].data
    for (name, data) in splits.dropFirst()
    where data.vocabulary != first.vocabulary || data.classes != first.classes {
      throw .usage("\(name): has another vocabulary or other classes than the training data")
    }
    try OutputFile.replace(path) { file in
      if let vocabulary = first.vocabulary { try file.write("vocabulary", vocabulary) }
      if !first.classes.isEmpty { try file.write("classes", first.classes) }
      for (name, data) in splits {
        let group = try file.createGroup(name)
        try data.write(to: group)
      }
    }
  }

  private func write(to group: Group) throws {
    switch inputs {
    case .features(let values, let width):
      try group.write("inputs", values, shape: [values.count / width, width])
    case .tokens(let tokens, _): try group.write("tokens", tokens)
    }
    try group.write("offsets", lengths.offsets)
    switch targets {
    case .none: break
    case .classes(let classes, _, _): try group.write("targets", classes)
    case .values(let values, let width, _):
      try group.write("targets", values, shape: [values.count / width, width])
    }
    if !names.isEmpty { try group.write("names", names) }
  }

  private var vocabulary: [String]? {
    if case .tokens(_, let vocabulary) = inputs { vocabulary } else { nil }
  }
  private var classes: [String] { if case .classes(_, let names, _) = targets { names } else { [] } }

  /// Calls `body` with a temporary file that has these data as its only split.
  func withFile<Result>(_ body: (String) throws(WeftError) -> Result) throws(WeftError) -> Result {
    let path = FileManager.default.temporaryDirectory.appending(path: "weft-\(UUID().uuidString).h5").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Self.write([(Self.split, self)], to: path)
    return try body(path)
  }
}

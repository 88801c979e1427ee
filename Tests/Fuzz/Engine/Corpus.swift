import Foundation

/// Seed files of a campaign.
public struct Corpus: Sendable {
  /// A file with its configuration.
  struct Item: Sendable {
    let name: String
    let bytes: [UInt8]

    /// The configuration's name: the first word of the file's.
    var kind: String { String(name.prefix { $0 != "-" && $0 != "." }) }
    /// The extension of the file's name.
    var suffix: String { name.split(separator: ".").last.map(String.init) ?? "" }
  }

  /// `Tests/Fuzz/Corpus`.
  let folder: String
  /// Valid datasets, which each configuration can train on.
  let seeds: [Item]
  /// Files that once caused failures or make false claims, to be run unchanged.
  let hostile: [Item]

  /// Reads a folder with the files `Seeds/…` and `Hostile/…`.
  ///
  /// - Throws: If it cannot be read.
  public init(_ folder: String) throws {
    self.folder = folder
    seeds = try Self.items(in: "\(folder)/Seeds", ["h5"])
    hostile = try ["Hostile", "Found"].flatMap { try Self.items(in: "\(folder)/\($0)", FormatSeeds.suffixes) }
  }

  static func items(in folder: String, _ extensions: [String]) throws -> [Item] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      .filter { extensions.contains(String($0.split(separator: ".").last ?? "")) }
      .map { Item(name: $0, bytes: try Array(Data(contentsOf: URL(filePath: "\(folder)/\($0)")))) }
  }

  func configuration(_ kind: String) -> String { "\(folder)/\(kind).yaml" }
}

import Foundation

/// How a dataset's inputs were made from files, which its attribute `preparation` tells in JSON: `{"log_mel": …}` of
/// sounds, `{"patches": …}` of images.
public struct Preparation: Codable, Equatable, Sendable {
  /// The name of the attribute of a file's root.
  public static let attribute = "preparation"

  /// Sounds as log-mel features.
  public var logMel: LogMelSettings?
  /// Images as patches.
  public var patches: PatchGrid?

  private enum CodingKeys: String, CodingKey {
    case logMel = "log_mel"
    case patches
  }

  /// Made of sounds.
  public init(logMel: LogMelSettings) { self.logMel = logMel }

  /// Made of images.
  public init(patches: PatchGrid) { self.patches = patches }

  /// What a file tells.
  ///
  /// - Throws: If it is not such JSON, or a setting is out of its range.
  public init(json: String) throws(MediaError) {
    do { self = try JSONDecoder().decode(Preparation.self, from: Data(json.utf8)) } catch {
      throw MediaError(nil, "the attribute '\(Self.attribute)' cannot be read: \(json)")
    }
    // What was decoded has not been checked yet.
    do throws(MediaError) {
      try logMel?.validate()
      try patches?.validate()
    } catch { throw MediaError(nil, "the attribute '\(Self.attribute)' tells of \(error.reason)") }
  }

  /// The text that ``init(json:)`` reads; the same for the same settings.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    // Numbers that were validated can all be written.
    guard let data = try? encoder.encode(self) else { preconditionFailure("settings that are not finite") }
    return String(decoding: data, as: UTF8.self)
  }
}

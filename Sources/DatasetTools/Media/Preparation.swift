import Foundation
import HDF5
import Media
import WeftBase
import WeftTraining

/// How the inputs of a dataset were computed from files, stored as JSON in its attribute `preparation`, so that a model
/// can process new files in the same way.
package struct Preparation: Codable, Equatable, Sendable {
  /// Images as patches.
  package var patches: PatchGrid?
  /// Sounds as spectra.
  package var logMel: LogMelSettings?

  enum CodingKeys: String, CodingKey {
    case patches
    case logMel = "log_mel"
  }

  private static let attribute = "preparation"

  package init(patches: PatchGrid? = nil, logMel: LogMelSettings? = nil) {
    self.patches = patches
    self.logMel = logMel
  }

  /// Reads the attribute of a dataset or checkpoint; empty if there is none.
  ///
  /// - Parameter file: For messages.
  /// - Throws: If it is invalid, or a setting is out of range.
  package init(json: String?, file: String) throws(WeftError) {
    guard let json else { return }
    do {
      self = try JSONDecoder().decode(Preparation.self, from: Data(json.utf8))
      // Decoded values are not validated yet.
      if let grid = patches {
        patches = try PatchGrid(
          height: grid.height, width: grid.width, patch: grid.patch, features: grid.features,
          background: grid.background)
      }
      try logMel?.validate()
    } catch {
      throw .data("\(file): invalid attribute '\(Self.attribute)': \(json)")
    }
  }

  /// The preparation of a model's inputs.
  ///
  /// - Throws: If it is invalid, or a setting is out of range.
  package init(of model: TrainedModel) throws(WeftError) {
    try self.init(json: model.preparation, file: model.path)
  }

  /// Reads the attribute of a file.
  ///
  /// - Throws: If it is invalid, or a setting is out of range.
  package init(in file: File) throws {
    try self.init(json: Self.json(in: file), file: file.path)
  }

  /// The attribute of a file as it is; nil if there is none.
  ///
  /// - Throws: If it is no text.
  static func json(in file: File) throws -> String? {
    try file.attributes.contains(attribute) ? file.attributes.value(attribute, as: String.self) : nil
  }

  /// Writes the attribute.
  ///
  /// - Throws: If the file cannot be written.
  package func write(to file: File) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try file.attributes.set(Self.attribute, to: String(decoding: encoder.encode(self), as: UTF8.self))
  }
}

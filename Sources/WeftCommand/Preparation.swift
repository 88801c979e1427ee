import Foundation
import Media
import Weft

/// How a dataset's inputs were made from files, as its attribute `preparation` tells in JSON.
struct Preparation: Codable {
  /// Images as patches.
  var patches: PatchGrid?
  /// Sounds as spectra.
  var logMel: LogMelSettings?

  enum CodingKeys: String, CodingKey {
    case patches
    case logMel = "log_mel"
  }

  /// What a model's inputs were made by; nothing where it does not say.
  ///
  /// - Throws: If what it says cannot be read.
  init(of model: TrainedModel) throws {
    guard let text = model.preparation else { return }
    do {
      self = try JSONDecoder().decode(Preparation.self, from: Data(text.utf8))
      // What was decoded has not been checked yet.
      if let grid = patches {
        patches = try PatchGrid(
          height: grid.height, width: grid.width, patch: grid.patch, features: grid.features,
          background: grid.background)
      }
    } catch {
      throw WeftError.failure("\(model.path): its attribute 'preparation' cannot be used: \(text)")
    }
  }
}

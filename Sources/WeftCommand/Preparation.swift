import Media
import Weft

extension Preparation {
  /// How a model's inputs were made from files; nil where it does not say.
  ///
  /// - Throws: If what it says cannot be read.
  init?(of model: TrainedModel) throws(WeftError) {
    guard let text = model.preparation else { return nil }
    do { try self.init(json: text) } catch { throw .failure("\(model.path): \(error.reason)") }
  }
}

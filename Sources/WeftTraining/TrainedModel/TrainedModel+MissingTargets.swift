import WeftBase
import WeftData

extension TrainedModel {
  /// A note on targets that are missing and left out of an evaluation; nil where none are, or where training allowed them.
  ///
  /// - Parameters:
  ///   - split: Name of the group that was evaluated.
  ///   - file: Another file than the training dataset; nil for that.
  package func missingTargetNote(split: String, file: String?) -> String? {
    guard !self.configuration.data.allowsMissingTargets,
      let dataset = try? openDataset(split: split, file: file),
      let missing = try? dataset.missingTargets(split: split), missing.count > 0
    else { return nil }
    return
      "\(dataset.path): group /\(split): \(missing.count) of \(missing.of) targets are missing and left out"
  }
}

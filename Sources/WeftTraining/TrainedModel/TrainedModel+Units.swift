import WeftBase
import WeftData

extension TrainedModel {
  /// What lies so far from the values of training that it may be in another unit, for users: one text for each feature.
  ///
  /// - Parameters:
  ///   - split: Name of the group.
  ///   - file: Another file than the training dataset; nothing is told of that.
  public func unitNotes(split: String, file: String?) -> [String] {
    guard let file, let dataset = try? openDataset(split: split, file: file, needsTargets: false),
      let opened = try? dataset.openSplit(split)
    else { return [] }
    return dataset.unitNotes(opened)
  }
}

import HDF5
import WeftBase

extension DatasetFile {
  /// Checks that numbers to be learned are no numbers of classes whose names are other numbers: of ratings from 1 to 5 class
  /// 0 is 1, and of measurements that were taken for classes it is any.
  ///
  /// - Throws: If they are.
  package func checkTargetsAreNumbers() throws(WeftError) {
    guard case .values(let range) = requirements.targets, range.map({ $0.upperBound > 1 }) ?? true,
      let differing = NumberNames.differing(traits.classes), contains(split: data.split.train)
    else { return }
    guard let targets = try openSplit(data.split.train).targets,
      PathParts.name(of: targets.dataset.path) == "targets", case .integer = targets.dataset.datatype
    else { return }
    throw .data(
      "\(path): \(targets.dataset.path): \(NumberNames.advice(differing)); or train on classes, with loss.kind:"
        + " cross-entropy")
  }

  /// Checks, before a regression is configured for a file, that the targets which it suggests are no such classes.
  ///
  /// - Throws: If they are.
  package static func checkTargetsAreNumbers(in path: String, split: String) throws(WeftError) {
    // What cannot be read has an error of its own.
    guard let dataset = try? DatasetFile(suggestedBy: path, split: split),
      let targets = try? dataset.openSplit(split).targets, targets.tokenRange == .classes,
      let differing = NumberNames.differing(dataset.traits.classes)
    else { return }
    throw .usage(
      "--task: \(path): \(NumberNames.advice(differing)); or leave out --task regression to learn classes")
  }
}

import WeftBase
import WeftTasks
import WeftTraining

/// Classifies sequences.
public struct Classifier: AppliedModel {
  /// The model.
  public let model: TrainedModel

  /// - Throws: If the model does not predict one class for each sequence.
  public init(_ model: TrainedModel) throws(WeftError) {
    self.model = model
    try require(
      !model.classNames.isEmpty, "is not a classifier",
      "one class for each sequence (loss.kind: cross-entropy)")
  }

  /// Names of the classes, in the order of their numbers; the numbers if the data name none.
  public var classes: [String] { model.classNames }

  /// Classifies sequences in memory, in their order.
  ///
  /// - Throws: If the data are not like those of training.
  public func classify(_ data: Dataset) throws(WeftError) -> [ClassifiedSequence] {
    try data.withFile { path throws(WeftError) in try classify(split: Dataset.split, file: path) }
  }

  /// Classifies the sequences of a split of a file, in their order.
  ///
  /// - Parameters:
  ///   - split: Name of the split.
  ///   - file: An HDF5 file; nil for that of training.
  /// - Throws: If the file or the split cannot be read, or is not like the training data.
  public func classify(split: String, file: String? = nil) throws(WeftError) -> [ClassifiedSequence] {
    var found: [(number: Int, sequence: ClassifiedSequence)] = []
    try model.classify(split: split, file: file) { number, sequence, _ in found.append((number, sequence)) }
    return found.sorted { $0.number < $1.number }.map(\.sequence)
  }
}

import WeftBase
import WeftTasks

extension TrainedModel {
  /// Class names; empty if the model does not classify sequences.
  public var classNames: [String] { task.classifier?.classNames ?? [] }

  /// Classifies all sequences of a split.
  ///
  /// - Parameters:
  ///   - split: Name of the split.
  ///   - file: Another file of the same layout, instead of the training dataset.
  ///   - onSequence: Called with the number of each sequence in the split, its predicted class, and its label if known.
  /// - Throws: If the model does not classify, or the split cannot be read or does not match it.
  public func classify(
    split: String, file: String? = nil, onSequence: (Int, ClassifiedSequence, Int?) -> Void
  ) throws(WeftError) {
    guard let classifier = task.classifier else {
      throw .failure(
        "\(path): is not a classifier (loss.kind: cross-entropy, one output per sequence)")
    }
    let dataset = try openDataset(split: split, file: file, needsTargets: false)
    let source = try dataset.batches(split: split, shuffles: false)
    var found: [Int: (ClassifiedSequence, Int?)] = [:]
    for index in 0..<source.batchesPerEpoch {
      guard let numbers = source.sequences(epoch: 0, index: index) else {
        throw .failure("\(dataset.path): group /\(split) is a stream; classification needs sequences")
      }
      let batch = try source.batch(epoch: 0, index: index)
      let labels: [Int32]? = if case .classes(let classes) = batch.targets { classes } else { nil }
      for (row, result) in classifier.classify(batch, on: executor).enumerated() {
        found[numbers[row]] = (result, labels.flatMap { $0[row] >= 0 ? Int($0[row]) : nil })
      }
    }
    for (number, result) in found.sorted(by: { $0.key < $1.key }) { onSequence(number, result.0, result.1) }
  }
}

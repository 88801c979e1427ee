import WeftBase
import WeftTasks

extension TrainedModel {
  /// The names of the classes; empty of models that do not classify sequences.
  public var classNames: [String] { task.classifier?.classNames ?? [] }

  /// The classes of all sequences of a split.
  ///
  /// - Parameters:
  ///   - split: The group's name.
  ///   - file: Another file of the same layout in place of the configuration's.
  ///   - onSequence: Called with each sequence's number in the split, its class, and the true one if it is known.
  /// - Throws: If the model is of another kind, or the split cannot be read or does not fit it.
  public func classify(
    split: String, file: String? = nil, onSequence: (Int, ClassifiedSequence, Int?) -> Void
  ) throws(WeftError) {
    guard let classifier = task.classifier else {
      throw .failure(
        "\(path): was not trained to classify sequences (loss.kind: cross-entropy, one output each)")
    }
    let dataset = try openDataset(split: split, file: file)
    let source = try dataset.batches(split: split, shuffles: false)
    var found: [Int: (ClassifiedSequence, Int?)] = [:]
    for index in 0..<source.batchesPerEpoch {
      guard let numbers = source.sequences(epoch: 0, index: index) else {
        throw .failure("\(dataset.path): group /\(split): is one stream, not sequences to classify")
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

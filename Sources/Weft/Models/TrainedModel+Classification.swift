import Foundation

/// What a model takes a sequence for.
public struct ClassifiedSequence: Sendable, Equatable {
  /// The class's name, or its number where the data named none.
  public let name: String
  /// The class's number.
  public let number: Int
  /// Probabilities of all classes.
  public let probabilities: [Double]
}

extension TrainedModel {
  /// The names of the classes.
  public var classNames: [String] { traits.classes.isEmpty ? labelTexts : traits.classes }

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
    guard job is ClassificationJob else {
      throw .failure(
        "\(path): was not trained to classify sequences (loss.kind: cross-entropy, one output each)")
    }
    let dataset = try openDataset(split: split, file: file)
    let source = try dataset.batches(split: split, shuffles: false)
    guard let sequences = source as? SequenceBatches else {
      throw .failure("\(dataset.path): group /\(split): is one stream, not sequences to classify")
    }
    var found: [Int: (ClassifiedSequence, Int?)] = [:]
    for index in 0..<source.batchesPerEpoch {
      let batch = try source.batch(epoch: 0, index: index)
      let truths: [Int32]? = if case .classes(let classes) = batch.targets { classes } else { nil }
      for (row, scores) in data.rows(batch).enumerated() {
        let number = sequences.sequencesOfRows(epoch: 0, index: index)[row]
        let truth = truths.flatMap { $0[row] >= 0 ? Int($0[row]) : nil }
        found[number] = (classified(scores), truth)
      }
    }
    for (number, result) in found.sorted(by: { $0.key < $1.key }) { onSequence(number, result.0, result.1) }
  }

  private func classified(_ scores: [Float]) -> ClassifiedSequence {
    let greatest = Double(scores.max() ?? 0)
    let exponentials = scores.map { exp(Double($0) - greatest) }
    let sum = exponentials.reduce(0, +)
    let best = scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
    return ClassifiedSequence(
      name: classNames[best], number: best, probabilities: exponentials.map { $0 / sum })
  }
}

import WeftBase
import WeftTasks

extension TrainedModel {
  /// Class names; empty if the model does not classify sequences.
  public var classNames: [String] { task.classNames }

  /// Names of the classes that the model predicts, of sequences or of steps; empty for other outputs.
  package var outputClassNames: [String] {
    if !classNames.isEmpty || task.writesText || !task.loss.wantsClasses { return classNames }
    return traits.classes
  }

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
    let names = classNames
    guard !names.isEmpty else {
      throw .model(
        "\(path): is not a classifier (loss.kind: cross-entropy, one output per sequence)")
    }
    try predict(
      .predictions, split: split, file: file,
      begin: { table throws(WeftError) in
        guard table.index == ["sequence"] else {
          throw .data("\(path): group /\(split) is a stream; classification needs sequences")
        }
      },
      onRows: { rows, _, _ in
        guard case .integers(let predicted) = rows.columns[0], case .numbers(let values) = rows.columns[1]
        else { return }
        var labels: [Int32] = []
        if rows.columns.count > 2, case .integers(let targets) = rows.columns[2] { labels = targets }
        for (row, number) in rows.index[0].enumerated() {
          let best = Int(predicted[row])
          let probabilities = Array(values[row * names.count..<(row + 1) * names.count])
          onSequence(
            number, ClassifiedSequence(name: names[best], number: best, probabilities: probabilities),
            labels.isEmpty || labels[row] < 0 ? nil : Int(labels[row]))
        }
      })
  }
}

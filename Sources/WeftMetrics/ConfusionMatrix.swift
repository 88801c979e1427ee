/// Confusion matrix of a classifier.
public struct ConfusionMatrix: Sendable, Equatable {
  /// Number of classes.
  public let classes: Int
  /// Row-major `[true class, predicted class]`.
  public private(set) var counts: [Int]

  /// An empty matrix.
  public init(classes: Int) {
    precondition(classes > 0)
    self.classes = classes
    counts = [Int](repeating: 0, count: classes * classes)
  }

  /// Counts predictions.
  ///
  /// - Precondition: All values are classes, and labels and predictions have the same count.
  public init(classes: Int, labels: [Int], predictions: [Int]) {
    precondition(labels.count == predictions.count)
    self.init(classes: classes)
    for (label, prediction) in zip(labels, predictions) { add(label: label, prediction: prediction) }
  }

  /// Counts one prediction.
  public mutating func add(label: Int, prediction: Int) {
    precondition((0..<classes).contains(label) && (0..<classes).contains(prediction))
    counts[label * classes + prediction] += 1
  }

  /// Number of predictions of a class for a label.
  public subscript(label label: Int, prediction prediction: Int) -> Int {
    counts[label * classes + prediction]
  }

  /// Number of predictions.
  public var total: Int { counts.reduce(0, +) }
  /// Number of occurrences of a class as label.
  public func support(of number: Int) -> Int {
    (0..<classes).reduce(0) { $0 + self[label: number, prediction: $1] }
  }
  /// Number of predictions of a class.
  public func predicted(_ number: Int) -> Int {
    (0..<classes).reduce(0) { $0 + self[label: $1, prediction: number] }
  }

  /// Share of correct predictions; 0 without predictions.
  public var accuracy: Double {
    share((0..<classes).reduce(0) { $0 + self[label: $1, prediction: $1] }, of: total)
  }
  /// Share of correct predictions among those of a class; 0 if it was never predicted.
  public func precision(of number: Int) -> Double {
    share(self[label: number, prediction: number], of: predicted(number))
  }
  /// Share of a class that was predicted correctly; 0 if it has no support.
  public func recall(of number: Int) -> Double {
    share(self[label: number, prediction: number], of: support(of: number))
  }
  /// Harmonic mean of precision and recall; 0 if both are 0.
  public func f1(of number: Int) -> Double {
    share(2 * self[label: number, prediction: number], of: predicted(number) + support(of: number))
  }
  /// Unweighted mean of the F1 of all classes that occur as label or prediction.
  public var macroF1: Double { mean(f1) }
  /// Unweighted mean of the precision of all classes that occur as label or prediction.
  public var macroPrecision: Double { mean(precision) }
  /// Unweighted mean of the recall of all classes that occur as label or prediction.
  public var macroRecall: Double { mean(recall) }
  /// The share of the commonest class: the accuracy of always predicting it.
  public var commonestShare: Double { share((0..<classes).map(support).max() ?? 0, of: total) }

  private func mean(_ value: (Int) -> Double) -> Double {
    let seen = (0..<classes).filter { support(of: $0) + predicted($0) > 0 }
    return seen.isEmpty ? 0 : seen.reduce(0) { $0 + value($1) } / Double(seen.count)
  }

  private func share(_ part: Int, of whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}

/// How often each class was taken for each other.
public struct ConfusionMatrix: Sendable, Equatable {
  /// Number of classes.
  public let classes: Int
  /// Row-major `[true class, predicted class]`.
  public private(set) var counts: [Int]

  /// No predictions yet.
  public init(classes: Int) {
    precondition(classes > 0)
    self.classes = classes
    counts = [Int](repeating: 0, count: classes * classes)
  }

  /// Counts predictions.
  ///
  /// - Precondition: All are classes, and there is a prediction for each truth.
  public init(classes: Int, truths: [Int], predictions: [Int]) {
    precondition(truths.count == predictions.count)
    self.init(classes: classes)
    for (truth, prediction) in zip(truths, predictions) { add(truth: truth, prediction: prediction) }
  }

  /// Counts one prediction.
  public mutating func add(truth: Int, prediction: Int) {
    precondition((0..<classes).contains(truth) && (0..<classes).contains(prediction))
    counts[truth * classes + prediction] += 1
  }

  /// Predictions of one class where another was true.
  public subscript(truth truth: Int, prediction prediction: Int) -> Int {
    counts[truth * classes + prediction]
  }

  /// Number of predictions.
  public var total: Int { counts.reduce(0, +) }
  /// How often a class was true.
  public func support(of number: Int) -> Int {
    (0..<classes).reduce(0) { $0 + self[truth: number, prediction: $1] }
  }
  /// How often a class was predicted.
  public func predicted(_ number: Int) -> Int {
    (0..<classes).reduce(0) { $0 + self[truth: $1, prediction: number] }
  }

  /// Share of the predictions that are right; 0 for none.
  public var accuracy: Double {
    share((0..<classes).reduce(0) { $0 + self[truth: $1, prediction: $1] }, of: total)
  }
  /// Share of a class's predictions that are right; 0 where it was never predicted.
  public func precision(of number: Int) -> Double {
    share(self[truth: number, prediction: number], of: predicted(number))
  }
  /// Share of a class that was found; 0 where it never was true.
  public func recall(of number: Int) -> Double {
    share(self[truth: number, prediction: number], of: support(of: number))
  }
  /// The harmonic mean of precision and recall; 0 where both are.
  public func f1(of number: Int) -> Double {
    share(2 * self[truth: number, prediction: number], of: predicted(number) + support(of: number))
  }
  /// The mean of the F1 of all classes that were true or predicted at all, each of the same weight.
  public var macroF1: Double {
    let seen = (0..<classes).filter { support(of: $0) + predicted($0) > 0 }
    return seen.isEmpty ? 0 : seen.reduce(0) { $0 + f1(of: $1) } / Double(seen.count)
  }

  private func share(_ part: Int, of whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}

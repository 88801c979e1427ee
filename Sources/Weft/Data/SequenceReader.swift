import HDF5

/// Reads blocks of one dataset, as tokens or as features, and checks what it reads.
struct SequenceReader: Sendable {
  let dataset: Dataset
  let file: String
  let content: Content
  /// Whether steps are single numbers, so that the dataset has no dimension of features.
  let isScalar: Bool
  /// Where features may lie; all finite numbers unless the loss wants less.
  var range = -Float.greatestFiniteMagnitude...Float.greatestFiniteMagnitude
  /// Whether features may be NaN: missing.
  var allowsMissing = false
  /// Whether tokens are labels of a sequence, which all count.
  var areLabels = false
  /// The class that stands for no label.
  var blank: Int?

  enum Content: Equatable, Sendable {
    /// One integer a step, below the bound; −1, for steps that do not count, is allowed in targets.
    case tokens(bound: Int, isTarget: Bool)
    /// Numbers of that many features a step.
    case features(width: Int)
  }

  /// Numbers of a step.
  var width: Int {
    if case .features(let width) = content { width } else { 1 }
  }

  /// `steps` steps from `first` on of a dataset whose first dimension is time.
  func read(first: Int, steps: Int) throws(WeftError) -> Steps {
    try read(offset: [first], count: [steps])
  }

  /// A block in row-major order; `offset` and `count` leave out the dimension of features.
  func read(offset: [Int], count: [Int]) throws(WeftError) -> Steps {
    switch content {
    case .tokens(let bound, let isTarget):
      let tokens = try values(Int32.self, offset: offset, count: count)
      let least: Int32 = isTarget && !areLabels ? -1 : 0
      if let index = tokens.firstIndex(where: { $0 < least || $0 >= bound }) {
        let what = isTarget ? "class" : "token"
        throw failure(
          "\(what) \(tokens[index]) \(place(of: index, from: offset)) is not between 0 and \(bound - 1)")
      }
      if let blank, let index = tokens.firstIndex(of: Int32(blank)) {
        throw failure(
          "class \(blank) \(place(of: index, from: offset)) is the blank of loss.blank, which is no label")
      }
      return .tokens(tokens)
    case .features(let width):
      let feature = isScalar ? (offset: [], count: []) : (offset: [0], count: [width])
      let values = try values(Float.self, offset: offset + feature.offset, count: count + feature.count)
      if let index = values.firstIndex(where: { !range.contains($0) && !(allowsMissing && $0.isNaN) }) {
        let wanted =
          range.upperBound < .greatestFiniteMagnitude
          ? "between \(range.lowerBound) and \(range.upperBound)" : "a finite number"
        throw failure("\(values[index]) \(place(of: index / width, from: offset)) is not \(wanted)")
      }
      return .features(values, width: width)
    }
  }

  /// Where the step with a number in a block lies in the dataset.
  private func place(of step: Int, from offset: [Int]) -> String {
    offset.count == 1 ? "at \(offset[0] + step)" : "in row \(offset[0])"
  }

  private func failure(_ message: String) -> WeftError {
    .failure("\(file): dataset \(dataset.path): \(message)")
  }

  private func values<Element: HDF5Element>(
    _ type: Element.Type, offset: [Int], count: [Int]
  ) throws(WeftError) -> [Element] {
    do { return try dataset.read(as: type, offset: offset, count: count) } catch { throw WeftError(error) }
  }
}

/// Values of consecutive steps.
enum Steps {
  case tokens([Int32])
  /// Row-major `[steps, width]`.
  case features([Float], width: Int)

  /// The steps in `range`.
  func steps(_ range: Range<Int>) -> Steps {
    switch self {
    case .tokens(let tokens): .tokens(Array(tokens[range]))
    case .features(let values, let width):
      .features(Array(values[range.lowerBound * width..<range.upperBound * width]), width: width)
    }
  }

  var inputs: Minibatch.Inputs {
    switch self {
    case .tokens(let tokens): .tokens(tokens)
    case .features(let values, let width): .features(values, width: width)
    }
  }

  var targets: Minibatch.Targets {
    switch self {
    case .tokens(let tokens): .classes(tokens)
    case .features(let values, let width): .values(values, width: width)
    }
  }
}

/// Puts the parts of a minibatch one after the other.
func joined(_ parts: [Steps]) -> Steps {
  switch parts[0] {
  case .tokens:
    return .tokens(
      parts.flatMap { part in
        if case .tokens(let tokens) = part { return tokens }
        return []
      })
  case .features(_, let width):
    return .features(
      parts.flatMap { part in
        if case .features(let values, _) = part { return values }
        return []
      }, width: width)
  }
}

extension WeftError {
  /// A failure of HDF5, told in its own line.
  package init(_ error: HDF5Error) { self.init(.failure, error.description) }
}

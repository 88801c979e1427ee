/// All steps of a dataset in order, divided into blocks that are read one at a time.
struct StepBlocks: Sendable {
  private let form: Form
  /// Number of blocks.
  let count: Int
  /// Number of steps.
  let stepCount: Int

  private enum Form: Sendable {
    /// Consecutive steps.
    case pieces(steps: Int, size: Int)
    /// Rows of as many steps.
    case rows(count: Int, steps: Int, size: Int)
    /// One sequence each, with the number of steps before it.
    case sequences(SequencePlaces, starts: [Int])
  }

  /// Values of a block, if it is not one step or sequence alone.
  private static let valueCount = 1 << 16

  /// A stream, or one row after the other.
  ///
  /// - Parameter width: Values per step.
  init(steps: Int, width: Int) {
    let size = max(1, Self.valueCount / max(width, 1))
    self.init(.pieces(steps: steps, size: size), count: (steps + size - 1) / size, steps: steps)
  }

  private init(_ form: Form, count: Int, steps: Int) {
    self.form = form
    self.count = count
    stepCount = steps
  }

  /// Sequences.
  ///
  /// - Parameter areSeparate: Whether each is a block of its own.
  init(_ places: SequencePlaces, width: Int, areSeparate: Bool = false) {
    switch places {
    case .ragged(let offsets) where !areSeparate:
      self.init(steps: offsets[offsets.count - 1], width: width)
    case .dense(let lengths) where !areSeparate && lengths.allSatisfy({ $0 == lengths[0] }):
      let steps = lengths.first ?? 0
      let size = max(1, Self.valueCount / max(steps * width, 1))
      self.init(
        .rows(count: lengths.count, steps: steps, size: size), count: (lengths.count + size - 1) / size,
        steps: lengths.count * steps)
    case .ragged(let offsets):
      self.init(
        .sequences(places, starts: offsets), count: places.count, steps: offsets[offsets.count - 1])
    case .dense(let lengths):
      let starts = lengths.offsets
      self.init(.sequences(places, starts: starts), count: lengths.count, steps: starts[starts.count - 1])
    }
  }

  /// A block of the dataset, which may be empty.
  subscript(number: Int) -> StepBlockPlace {
    switch form {
    case .pieces(let steps, let size): ([number * size], [min(size, steps - number * size)])
    case .rows(let count, let steps, let size):
      ([number * size, 0], [min(size, count - number * size), steps])
    case .sequences(let places, _): places.block(number)
    }
  }

  /// The number of steps before a block.
  func start(of number: Int) -> Int {
    switch form {
    case .pieces(_, let size): number * size
    case .rows(_, let steps, let size): number * size * steps
    case .sequences(_, let starts): starts[number]
    }
  }
}

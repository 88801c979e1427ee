/// The memory layout of one worker's sequences.
///
/// Each sequence is a row, in descending order of length, so the rows still active at a step are a prefix. Only active
/// rows are stored: step t holds `activeRows[t]` consecutive *positions* from `starts[t]` on, and a feature matrix is
/// `[positions, features]`. There is no padding in time.
///
/// Row r belongs to lane r mod `lanes` unless lanes are given row by row.
package struct SequenceLayout: Sendable {
  package let lengths: [Int]
  package let lanes: Int
  package let laneOfRow: [Int]
  package let activeRows: [Int]
  package let starts: [Int]
  package let positions: Int
  /// Row of each position.
  package let rowOfPosition: [Int32]
  /// Time step of each position.
  package let stepOfPosition: [Int32]
  /// Positions by lane, in order of time step, then row.
  package let lanePositions: LaneIndex
  /// Rows by lane.
  package let laneRows: LaneIndex

  package var rows: Int { lengths.count }
  package var steps: Int { activeRows.count }

  /// - Parameters:
  ///   - lengths: Time steps of each row, at least 1, descending.
  ///   - lanes: Number of lanes, assigned to rows round-robin.
  package init(lengths: [Int], lanes: Int) {
    self.init(lengths: lengths, laneOfRow: lengths.indices.map { $0 % lanes }, lanes: lanes)
  }

  /// - Parameters:
  ///   - lengths: Time steps of each row, at least 1, descending.
  ///   - laneOfRow: The lane of each row.
  ///   - lanes: Number of lanes.
  package init(lengths: [Int], laneOfRow: [Int], lanes: Int) {
    precondition(lanes > 0 && lengths.allSatisfy { $0 > 0 } && laneOfRow.count == lengths.count)
    precondition(zip(lengths, lengths.dropFirst()).allSatisfy { $0 >= $1 }, "rows are sorted by length")
    self.lengths = lengths
    self.lanes = lanes
    self.laneOfRow = laneOfRow
    let steps = lengths.first ?? 0
    var activeRows: [Int] = []
    var starts: [Int] = []
    var active = lengths.count
    var position = 0
    for step in 0..<steps {
      while active > 0, lengths[active - 1] <= step { active -= 1 }
      activeRows.append(active)
      starts.append(position)
      position += active
    }
    self.activeRows = activeRows
    self.starts = starts
    self.positions = position
    var rowOfPosition: [Int32] = []
    var stepOfPosition: [Int32] = []
    rowOfPosition.reserveCapacity(position)
    stepOfPosition.reserveCapacity(position)
    for step in 0..<steps {
      for row in 0..<activeRows[step] {
        rowOfPosition.append(Int32(row))
        stepOfPosition.append(Int32(step))
      }
    }
    self.rowOfPosition = rowOfPosition
    self.stepOfPosition = stepOfPosition

    var laneStarts = [0]
    var lanePositions: [Int32] = []
    lanePositions.reserveCapacity(position)
    var rowStarts = [0]
    var laneRows: [Int32] = []
    var rowsOfLane = [[Int32]](repeating: [], count: lanes)
    for (row, lane) in laneOfRow.enumerated() { rowsOfLane[lane].append(Int32(row)) }
    for rows in rowsOfLane {
      for step in 0..<steps {
        for row in rows {
          if Int(row) >= activeRows[step] { break }
          lanePositions.append(Int32(starts[step]) + row)
        }
      }
      laneStarts.append(lanePositions.count)
      laneRows += rows
      rowStarts.append(laneRows.count)
    }
    self.lanePositions = LaneIndex(starts: laneStarts, rows: lanePositions)
    self.laneRows = LaneIndex(starts: rowStarts, rows: laneRows)
  }

  /// For each position, the row of a state matrix `[rows + positions, H]` that holds the state before it. The matrix
  /// starts with the rows' initial states; row `rows + p` is the state after position p.
  package func previousStates(_ direction: Direction) -> [Int32] {
    var previous: [Int32] = []
    previous.reserveCapacity(positions)
    for step in 0..<steps {
      switch direction {
      case .forward:
        let base = step == 0 ? 0 : rows + starts[step - 1]
        for row in 0..<activeRows[step] { previous.append(Int32(base + row)) }
      case .backward:
        let continuing = step + 1 < steps ? activeRows[step + 1] : 0
        for row in 0..<activeRows[step] {
          previous.append(Int32(row < continuing ? rows + starts[step + 1] + row : row))
        }
      }
    }
    return previous
  }

  /// The position of each row's final state: its last step in the given direction.
  package func finalPositions(_ direction: Direction) -> [Int32] {
    lengths.indices.map { row in
      Int32(direction == .forward ? starts[lengths[row] - 1] + row : starts[0] + row)
    }
  }
}

/// The direction in which a layer processes its sequence.
package enum Direction: String, Sendable, CaseIterable {
  case forward
  case backward
}

/// Consecutive time steps, whose positions are contiguous.
package struct StepBlock: Sendable, Equatable {
  /// In the order in which a layer visits them.
  package let steps: [Int]
  package let positions: Range<Int>
}

extension SequenceLayout {
  /// The steps in the order of a direction, in blocks of at least `minimum` positions; the last block may be smaller.
  package func blocks(_ direction: Direction, positions minimum: Int) -> [StepBlock] {
    var blocks: [StepBlock] = []
    var steps: [Int] = []
    var count = 0
    for step in order(direction) {
      steps.append(step)
      count += activeRows[step]
      if count >= minimum {
        blocks.append(block(steps))
        (steps, count) = ([], 0)
      }
    }
    if !steps.isEmpty { blocks.append(block(steps)) }
    return blocks
  }

  /// Positions of the step that a layer visits before a block; empty if there is none.
  package func positions(before block: StepBlock, _ direction: Direction) -> Range<Int> {
    let step = block.steps[0] + (direction == .forward ? -1 : 1)
    guard (0..<steps).contains(step) else { return block.positions.lowerBound..<block.positions.lowerBound }
    return starts[step]..<starts[step] + activeRows[step]
  }

  private func block(_ steps: [Int]) -> StepBlock {
    let (first, last) = (min(steps[0], steps[steps.count - 1]), max(steps[0], steps[steps.count - 1]))
    return StepBlock(steps: steps, positions: starts[first]..<starts[last] + activeRows[last])
  }
}

/// Rows of one time step whose previous states are contiguous.
package struct StepSegment: Sendable, Equatable {
  /// Rows of the worker's part of the minibatch.
  package let rows: Range<Int>
  /// Positions of these rows at this step.
  package let positions: Range<Int>
  /// Rows of the state matrix `[rows + positions, H]` that hold their states before this step.
  package let previous: Range<Int>
  /// Rows of the state matrix that receive their states after this step.
  package let current: Range<Int>

  package init(rows: Range<Int>, positions: Range<Int>, previous: Range<Int>, current: Range<Int>) {
    self.rows = rows
    self.positions = positions
    self.previous = previous
    self.current = current
  }
}

extension SequenceLayout {
  /// The steps in the order in which a layer of that direction visits them.
  package func order(_ direction: Direction) -> [Int] {
    direction == .forward ? Array(0..<steps) : Array((0..<steps).reversed())
  }

  /// The segments of a step: one, or two where the direction is backward and sequences end at this step.
  package func segments(step: Int, _ direction: Direction) -> [StepSegment] {
    let active = activeRows[step]
    switch direction {
    case .forward:
      return [segment(step: step, rows: 0..<active, previous: step == 0 ? 0 : rows + starts[step - 1])]
    case .backward:
      let continuing = step + 1 < steps ? activeRows[step + 1] : 0
      var result: [StepSegment] = []
      if continuing > 0 {
        result.append(segment(step: step, rows: 0..<continuing, previous: rows + starts[step + 1]))
      }
      if continuing < active {
        result.append(segment(step: step, rows: continuing..<active, previous: continuing))
      }
      return result
    }
  }

  private func segment(step: Int, rows range: Range<Int>, previous: Int) -> StepSegment {
    let first = starts[step] + range.lowerBound
    return StepSegment(
      rows: range, positions: first..<first + range.count, previous: previous..<previous + range.count,
      current: rows + first..<rows + first + range.count)
  }
}

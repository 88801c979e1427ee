import TestSupport
import Testing

@testable import KernelInterface

@Suite("Layout of sequences") struct SequenceLayoutTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let lengths: [Int]
    let lanes: Int
    var testDescription: String { "\(lengths) in \(lanes) lanes" }
  }

  static let cases: [Case] = {
    var random = SplitMix(seed: 5)
    let fixed = [
      Case(lengths: [], lanes: 3), Case(lengths: [1], lanes: 1), Case(lengths: [5], lanes: 4),
      Case(lengths: [3, 3, 3], lanes: 2), Case(lengths: [7, 1], lanes: 16),
    ]
    return fixed
      + (0..<40).map { _ in
        let rows = Int.random(in: 1...12, using: &random)
        let lengths = (0..<rows).map { _ in Int.random(in: 1...9, using: &random) }
        return Case(lengths: lengths.sorted(by: >), lanes: .random(in: 1...9, using: &random))
      }
  }()

  /// Where each row's steps lie, found by counting.
  struct Model {
    /// Position of a row's step.
    var positions: [[Int]]
    /// Row and step of each position.
    var places: [(row: Int, step: Int)] = []

    init(_ lengths: [Int]) {
      positions = lengths.map { [Int](repeating: -1, count: $0) }
      for step in 0..<(lengths.first ?? 0) {
        for (row, length) in lengths.enumerated() where step < length {
          positions[row][step] = places.count
          places.append((row, step))
        }
      }
    }

    /// Row of the state matrix that holds a row's state before a step.
    func previous(row: Int, step: Int, _ direction: Direction) -> Int {
      let before = direction == .forward ? step - 1 : step + 1
      return positions[row].indices.contains(before) ? positions.count + positions[row][before] : row
    }
  }

  @Test("Positions go step by step through the rows that are still active", arguments: cases)
  func positions(test: Case) {
    let layout = SequenceLayout(lengths: test.lengths, lanes: test.lanes)
    let model = Model(test.lengths)
    #expect(layout.positions == test.lengths.reduce(0, +))
    #expect(layout.rows == test.lengths.count && layout.steps == test.lengths.first ?? 0)
    #expect(layout.rowOfPosition.map(Int.init) == model.places.map(\.row))
    #expect(layout.stepOfPosition.map(Int.init) == model.places.map(\.step))
    for step in 0..<layout.steps {
      #expect(layout.activeRows[step] == test.lengths.filter { $0 > step }.count)
      #expect(layout.starts[step] == model.positions[0][step])
    }
  }

  @Test("States before and after each row follow its own steps, in both directions", arguments: cases)
  func states(test: Case) {
    let layout = SequenceLayout(lengths: test.lengths, lanes: test.lanes)
    let model = Model(test.lengths)
    for direction in Direction.allCases {
      #expect(
        layout.previousStates(direction).map(Int.init)
          == model.places.map { model.previous(row: $0.row, step: $0.step, direction) })
      #expect(
        layout.finalPositions(direction).map(Int.init)
          == model.positions.map { direction == .forward ? $0[$0.count - 1] : $0[0] })
    }
  }

  @Test("Segments visit every position once, after the state that it needs", arguments: cases)
  func segments(test: Case) {
    let layout = SequenceLayout(lengths: test.lengths, lanes: test.lanes)
    let model = Model(test.lengths)
    for direction in Direction.allCases {
      var known = Set(0..<layout.rows)
      for step in layout.order(direction) {
        let segments = layout.segments(step: step, direction)
        #expect(segments.count <= 2)
        for segment in segments {
          for (offset, row) in segment.rows.enumerated() {
            let position = segment.positions.lowerBound + offset
            #expect(position == model.positions[row][step])
            let previous = segment.previous.lowerBound + offset
            #expect(previous == model.previous(row: row, step: step, direction))
            #expect(known.contains(previous))
          }
          #expect(segment.rows.count == segment.positions.count)
          #expect(segment.rows.count == segment.previous.count)
          #expect(
            segment.current
              == layout.rows + segment.positions.lowerBound..<layout.rows + segment.positions.upperBound)
        }
        for segment in segments {
          #expect(known.isDisjoint(with: segment.current))
          known.formUnion(segment.current)
        }
      }
      #expect(known.count == layout.rows + layout.positions)
    }
  }

  @Test("Lanes take every row in turn, and their positions by step, then row", arguments: cases)
  func lanes(test: Case) {
    let layout = SequenceLayout(lengths: test.lengths, lanes: test.lanes)
    let model = Model(test.lengths)
    for lane in 0..<test.lanes {
      let positions = model.places.indices.filter { model.places[$0].row % test.lanes == lane }
      #expect(layout.lanePositions.lane(lane) == positions)
      #expect(layout.laneRows.lane(lane) == test.lengths.indices.filter { $0 % test.lanes == lane })
    }
  }

  @Test("Tokens are listed with their positions by lane, step and row", arguments: cases)
  func tokens(test: Case) {
    var random = SplitMix(seed: 6)
    let layout = SequenceLayout(lengths: test.lengths, lanes: test.lanes)
    let tokens: [Int32] = (0..<layout.positions).map { _ in .random(in: 0...6, using: &random) }
    let index = TokenIndex(tokens: tokens, index: layout.lanePositions)
    #expect(index.tokens == Set(tokens).sorted())
    #expect(index.starts.count == index.tokens.count + 1)
    for (number, token) in index.tokens.enumerated() {
      let entries = index.starts[number]..<index.starts[number + 1]
      var expected: [(lane: Int32, position: Int32)] = []
      for lane in 0..<test.lanes {
        for position in layout.lanePositions.lane(lane) where tokens[position] == token {
          expected.append((Int32(lane), Int32(position)))
        }
      }
      #expect(Array(index.positions[entries]) == expected.map(\.position))
      #expect(Array(index.lanes[entries]) == expected.map(\.lane))
    }
  }
}

extension LaneIndex {
  fileprivate func lane(_ lane: Int) -> [Int] { rows[starts[lane]..<starts[lane + 1]].map(Int.init) }
}

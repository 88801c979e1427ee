import KernelInterface
import WeftBase
import WeftTensor

/// The rows of a minibatch that one worker processes, with its memory and gradients.
///
/// Shards are independent; only the assignment of lanes to shards depends on the thread count, and results do not
/// depend on it.
package final class Shard {
  package private(set) var engine: Engine
  package let layout: SequenceLayout
  /// The row of the minibatch for each row of this shard.
  package let globalRows: [Int32]
  /// The time steps of the minibatch that are processed.
  package let segment: Segment
  /// All parameters, flat `[1, n]`.
  package let parameters: Matrix
  /// The tree nodes formed by this shard's lanes, as ranges of its lanes.
  package let nodes: [Range<Int>]
  /// A flat gradient `[1, n]` per node; empty if only the forward pass is needed.
  package let gradients: [Matrix]
  package let arena: Arena
  /// Key of dropout masks; nil without dropout.
  package let dropoutKey: DropoutKey?
  /// Whether layers keep the states of all steps where no backward pass needs them.
  package var keepsAllSteps = false
  /// Threads that share this shard's matrix products; nil for a single thread.
  private let team: Team?
  /// Offers parts of this shard's products to idle workers; nil without work sharing.
  private let member: SharedWork.Member?
  private let clock: Clock
  private let onFinalGradients: (@Sendable (Int) -> Void)?

  /// Times of a shard and its siblings.
  private final class Clock {
    let start = ContinuousClock.now
    var times = WorkerTimes()
  }

  /// - Parameter onFinalGradients: Called with offsets in the flat gradient; elements from there on are final.
  package convenience init(
    engine: Engine, layout: SequenceLayout, globalRows: [Int32], segment: Segment, parameters: Matrix,
    nodes: [Range<Int>], gradients: [Matrix], arena: Arena, dropoutKey: DropoutKey?, team: Team? = nil,
    member: SharedWork.Member? = nil, onFinalGradients: (@Sendable (Int) -> Void)? = nil
  ) {
    self.init(
      engine: engine, layout: layout, globalRows: globalRows, segment: segment, parameters: parameters,
      nodes: nodes, gradients: gradients, arena: arena, dropoutKey: dropoutKey, team: team,
      member: member, clock: Clock(), onFinalGradients: onFinalGradients)
  }

  private init(
    engine: Engine, layout: SequenceLayout, globalRows: [Int32], segment: Segment, parameters: Matrix,
    nodes: [Range<Int>], gradients: [Matrix], arena: Arena, dropoutKey: DropoutKey?, team: Team?,
    member: SharedWork.Member?, clock: Clock, onFinalGradients: (@Sendable (Int) -> Void)?
  ) {
    precondition(globalRows.count == layout.rows)
    precondition(gradients.isEmpty || gradients.count == nodes.count)
    self.engine = engine
    self.team = team
    self.member = member
    self.clock = clock
    self.onFinalGradients = onFinalGradients
    self.layout = layout
    self.globalRows = globalRows
    self.segment = segment
    self.parameters = parameters
    self.nodes = nodes
    self.gradients = gradients
    self.arena = arena
    self.dropoutKey = dropoutKey
  }

  /// The same rows with other sequences, such as those of a decoder: same lanes, memory and gradients.
  ///
  /// Rows are sorted again by length. Within a lane their order depends only on the rows of the lane, so that sums over
  /// a lane have the same bits for any division of the minibatch.
  ///
  /// - Parameter lengths: Time steps of each of this shard's rows, at least 1.
  /// - Returns: The new shard, and the row of this shard for each of its rows.
  package func sibling(lengths: [Int]) -> (shard: Shard, rows: [Int32]) {
    precondition(lengths.count == layout.rows)
    let order = lengths.longestFirst(\.self)
    let ordered = order.map { lengths[$0] }
    let shard = Shard(
      engine: engine,
      layout: SequenceLayout(
        lengths: ordered, laneOfRow: order.map { layout.laneOfRow[$0] }, lanes: layout.lanes),
      globalRows: order.map { globalRows[$0] }, segment: Segment(lengths: ordered, batch: segment.batch),
      parameters: parameters, nodes: nodes, gradients: gradients, arena: arena, dropoutKey: dropoutKey,
      team: team, member: member, clock: clock, onFinalGradients: onFinalGradients)
    shard.keepsAllSteps = keepsAllSteps
    return (shard, order.map(Int32.init))
  }

  /// The same rows with sequences that were shortened, such as by pooling.
  ///
  /// - Parameter lengths: Time steps of each of this shard's rows, at least 1, descending.
  package func shortened(to lengths: [Int]) -> Shard {
    var segment = Segment(lengths: lengths, batch: segment.batch)
    segment.accumulates = self.segment.accumulates
    let shard = Shard(
      engine: engine,
      layout: SequenceLayout(lengths: lengths, laneOfRow: layout.laneOfRow, lanes: layout.lanes),
      globalRows: globalRows, segment: segment, parameters: parameters, nodes: nodes, gradients: gradients,
      arena: arena, dropoutKey: dropoutKey, team: team, member: member, clock: clock,
      onFinalGradients: onFinalGradients)
    shard.keepsAllSteps = keepsAllSteps
    return shard
  }

  package var kernels: any KernelSet.Type { engine.kernels }
  package var blocks: BlockSizes { engine.blocks }

  /// A number per position that depends only on its time step and its row in the minibatch.
  package var globalPositions: [Int32] {
    zip(layout.stepOfPosition, layout.rowOfPosition).map { step, row in
      (step + Int32(segment.firstStep)) * Int32(segment.batch) + globalRows[Int(row)]
    }
  }

  /// Called between time steps: each step sweeps through the packed weights in the opposite direction of the previous
  /// one, so that the weights read last are still in the cache.
  package func reverseSweep() { engine.blocks.descends.toggle() }

  package var wantsGradients: Bool { !gradients.isEmpty }

  /// Views of a parameter's gradients, one per node.
  package func gradients(of parameter: Parameter) -> [Matrix] { gradients.map { parameter.matrix(in: $0) } }

  /// Σ left ⊗ right over each lane's positions, reduced over the lanes.
  ///
  /// - Parameter lefts: Left-hand sides, each with one output matrix per node.
  package func outerProducts(
    _ lefts: [(operand: OuterOperand, outputs: [Matrix])], right: StoredRows, width: Int, index: LaneIndex
  ) {
    measureWeightGradients {
      let columns = lefts.reduce(0) { $0 + $1.operand.columns }
      let (dot, nodes, accumulates) = (engine.dot, nodes, segment.accumulates)
      let tile = dot.outerProductsTile
      let operands = lefts.map(\.operand)
      let outputs = nodes.indices.map { node in lefts.map { $0.outputs[node] } }
      shareOut(
        units: (columns + tile - 1) / tile,
        scratchByteCount: {
          dot.outerProductsScratchByteCount(positions: index, leftColumns: $0 * tile)
        }
      ) { tiles, scratch in
        let slice = OuterOperand.slice(
          operands, outputs, columns: tiles.lowerBound * tile..<min(tiles.upperBound * tile, columns))
        dot.outerProducts(
          lefts: slice.operands, right: right, width: width, positions: index, nodes: nodes,
          outputs: slice.outputs, accumulates: accumulates, scratch: scratch)
      }
    }
  }

  /// The same with a right-hand side in float32.
  package func outerProducts(
    _ lefts: [(operand: OuterOperand, outputs: [Matrix])], right: Matrix, width: Int, index: LaneIndex
  ) {
    outerProducts(lefts, right: .float32(right), width: width, index: index)
  }

  /// Computes all units with `body`, on the team's threads or on idle workers.
  ///
  /// - Parameter scratchByteCount: Bytes of scratch memory that it needs for so many units.
  private func shareOut(
    units: Int, scratchByteCount: @escaping @Sendable (Int) -> Int,
    _ body: @escaping @Sendable (_ units: Range<Int>, _ scratch: AlignedBytes) -> Void
  ) {
    if let team {
      let needed = scratchByteCount((units + team.count - 1) / team.count)
      let memory = arena.scratch(byteCount: needed * team.count)
      team.run { part in
        body(
          share(of: units, worker: part, workers: team.count),
          memory.bytes(part * needed..<(part + 1) * needed))
      }
    } else if let member {
      member.run(units: units) { units, arena in
        body(units, arena.scratch(byteCount: scratchByteCount(units.count)))
      }
    } else {
      body(0..<units, arena.scratch(byteCount: scratchByteCount(units)))
    }
  }

  /// Calls `body` with ranges that make up all rows, on the team's threads.
  @inline(__always)
  package func divide(rows: Int, _ body: @Sendable (_ rows: Range<Int>) -> Void) {
    guard let team, rows > 1 else { return body(0..<rows) }
    team.run { part in
      let rows = share(of: rows, worker: part, workers: team.count)
      if !rows.isEmpty { body(rows) }
    }
  }

  /// C = initial + A·B, as the kernel of the same name; the threads of a team split the columns, and first the rounding
  /// of A.
  ///
  /// - Parameter result: `[rows, columns of B]`, with the padding of its rows.
  package func multiply(_ left: Matrix, _ right: PackedOperand, initial: InitialValue, into result: Matrix) {
    let (dot, blocks) = (engine.dot, blocks)
    let needed = dot.multiplyScratchByteCount(rows: left.rows, depth: right.depth)
    guard let team, left.rows * right.depth * right.panels > 4096 else {
      return dot.multiply(
        left, right, initial: initial, into: result, blocks: blocks, scratch: arena.scratch(byteCount: needed)
      )
    }
    /// A part's columns of B and of the others.
    @Sendable func slice(_ part: Int) -> (right: PackedOperand, initial: InitialValue, result: Matrix) {
      let width = PackedOperand.panelColumns
      let panels = share(of: right.panels, worker: part, workers: team.count)
      let columns = panels.lowerBound * width..<panels.upperBound * width
      return (right.panels(panels), initial.columns(columns), result.padded.columns(columns))
    }
    if let rounding = dot.leftRounding {
      let rounded = arena.scratch(
        byteCount: rounding.roundedLeftByteCount(rows: left.rows, depth: right.depth, blocks: blocks))
      team.run { part in
        rounding.roundLeft(
          left, depth: right.depth, part: part, of: team.count, blocks: blocks, into: rounded)
      }
      team.run { part in
        let (right, initial, result) = slice(part)
        rounding.multiply(rounded: rounded, right, initial: initial, into: result, blocks: blocks)
      }
    } else {
      let memory = arena.scratch(byteCount: needed * team.count)
      team.run { part in
        let (right, initial, result) = slice(part)
        dot.multiply(
          left, right, initial: initial, into: result, blocks: blocks,
          scratch: memory.bytes(part * needed..<(part + 1) * needed))
      }
    }
  }

  /// Sums of `values`, or of `values` ∘ `factors`, over each lane's rows, reduced over the lanes, into one row per
  /// node.
  package func columnSums(
    values: Matrix, factors: Matrix?, width: Int, rows: LaneIndex, outputs: [Matrix]
  ) {
    measureWeightGradients {
      kernels.columnSums(
        values: values, factors: factors, width: width, rows: rows, nodes: nodes, outputs: outputs,
        accumulates: segment.accumulates)
    }
  }

  /// Reports that all gradients from an offset in the flat array on are final.
  package func gradientsAreFinal(from place: Int) { onFinalGradients?(place) }

  /// Marks the end of the forward pass, for timing.
  package func finishForward() { clock.times.forward = (ContinuousClock.now - clock.start).seconds }

  /// Time since the shard was created.
  package func elapsedTimes() -> WorkerTimes {
    clock.times.busy = (ContinuousClock.now - clock.start).seconds
    return clock.times
  }

  private func measureWeightGradients(_ body: () -> Void) {
    clock.times.weightGradients += timed(body).seconds
  }

  /// Sums of `values` over the positions of each token, reduced over the lanes, into one matrix per node.
  package func tokenSums(
    _ values: StoredRows, width: Int, tokens: [Int32], index: LaneIndex, outputs: [Matrix]
  ) {
    measureWeightGradients {
      kernels.tokenSums(
        values: values, width: width, tokens: TokenIndex(tokens: tokens, index: index), nodes: nodes,
        outputs: outputs, accumulates: segment.accumulates,
        scratch: arena.scratch(byteCount: kernels.tokenSumsScratchByteCount(width: width)))
    }
  }
}

import WeftBase
import WeftLayers
import WeftTensor

/// Executes forward and backward passes over the shards of a minibatch on a worker pool.
///
/// Results have the same bits for any number of workers and ranks.
package final class Executor {
  package let module: any ParallelModule
  package let engine: Engine
  package let pool: WorkerPool
  /// The processes that share the lanes.
  package let ranks: any Communicator
  /// The exchange of gradients between ranks; nil for a single rank.
  let exchange: GradientExchange?
  /// The slices of the flat parameters that each rank updates.
  package let ownership: Ownership
  /// The reduction plan of the latest gradients.
  package private(set) var plan: LanePlan
  private var plans: [PlanKey: LanePlan] = [:]
  private let ownLanes: Range<Int>
  /// All parameters, flat `[1, module.layout.count]`. Call `parametersChanged` after writing to them.
  package var parameters: Tensor { didSet { isPacked = false } }
  /// Whether the exchange of gradients overlaps with the backward pass; results do not depend on it.
  package var overlapsExchange = true
  /// Time by phase; may be reset.
  package var times = PhaseTimes()
  /// Minimum number of rows per worker, before another worker is used.
  package var minimumRows: Int {
    get { division.minimumRows }
    set { division.minimumRows = newValue }
  }
  private var division: ThreadDivision
  /// Minimum number of tiles of outer products that a worker takes over from another: each piece reads the right-hand
  /// side again.
  package var minimumSharedTiles = 16
  private let arenas: [Arena]
  /// Flat gradients for the nodes of each worker; allocated when first needed.
  private var workerGradients: [[Tensor]]
  private var ownShards: ShardPlan?
  private var wholeShards: ShardPlan?
  private var isPacked = false
  /// What drops weights before they are packed, and the key of its latest masks.
  let dropConnects: [DropConnect]
  private var packedKey: DropoutKey?
  /// Bytes for the activations of one minibatch; nil for no limit.
  package var memoryBudget: Int?
  private let exchangeQueue = SerialQueue()
  /// The parts of the latest gradients that were exchanged during the backward pass.
  private var earlyParts: [EarlyExchange.Part] = []

  /// - Parameters:
  ///   - threads: Number of threads, which run as workers with their own lanes or in teams of workers.
  ///   - lanes: Number of lanes of a minibatch; results depend on it.
  ///   - ranks: The processes that share the lanes, at most one per lane.
  package init(
    _ module: any ParallelModule, parameters: Tensor, engine: Engine, threads: Int, lanes: Int,
    ranks: any Communicator = SingleRank()
  ) {
    precondition(
      engine.dotAlgorithm == module.layout.dotAlgorithm, "weights are packed for the engine that multiplies")
    let own = share(of: lanes, worker: ranks.rank, workers: ranks.count)
    self.module = module
    dropConnects = module.dropConnects
    self.parameters = parameters
    self.engine = engine
    self.ranks = ranks
    ownLanes = own
    ownership = Ownership(
      count: module.layout.count, ranks: ranks.count, boundaries: module.gradientBoundaries)
    exchange = ranks.count > 1 ? GradientExchange(ranks, lanes: lanes) : nil
    pool = WorkerPool(count: threads)
    plan = LanePlan(lanes: lanes, own: own, workers: min(threads, own.count))
    division = ThreadDivision(
      weightByteCount: module.stepWeightBytes,
      elementByteCount: engine.dotAlgorithm.packedElementByteCount, isMatrixUnit: engine.dot.isMatrixUnit,
      cacheByteCount: ProcessorCache.l2ByteCount)
    workerGradients = (0..<pool.count).map { _ in [] }
    arenas = (0..<pool.count).map { _ in Arena() }
  }

  private struct PlanKey: Hashable {
    let workers: Int
    let isWhole: Bool
    let keepsLanesApart: Bool
  }

  /// Number of workers with their own lanes; the other threads share the matrix products of these workers.
  private func workers(rows: Int, isWhole: Bool) -> Int {
    let lanes = isWhole ? plan.lanes : ownLanes.count
    return division.workers(rows: rows * lanes / plan.lanes, lanes: lanes, threads: pool.count)
  }

  /// Call after changing parameters, so that the next pass packs them.
  package func parametersChanged() { isPacked = false }

  /// The lanes that a pass processes.
  package enum Scope {
    /// Those of this rank, while every rank processes its own.
    case own
    /// All lanes, on this rank only.
    case whole
  }

  /// Flat gradients of the nodes, in the order of the plan.
  package private(set) var gradients: [Tensor] = []

  /// Runs `body` on every worker's shard of a minibatch and returns the results in worker order.
  ///
  /// - Parameters:
  ///   - segment: The time steps to process.
  ///   - scope: The lanes to process; nil for those of this rank if gradients are needed, otherwise for all.
  ///   - wantsGradients: Whether `body` runs a backward pass, which fills `gradients`.
  ///   - keepsLanesApart: Whether gradients are summed over several calls; the first does not accumulate.
  ///   - dropoutKey: Key of the dropout masks; nil for no dropout.
  package func run<Result: Sendable>(
    _ segment: Segment, scope: Scope? = nil, wantsGradients: Bool, keepsLanesApart: Bool = false,
    dropoutKey: DropoutKey?, _ body: @Sendable (Shard) -> Result
  ) -> [Result] {
    let scope = scope ?? (wantsGradients ? .own : .whole)
    precondition(scope == .own || !wantsGradients)
    pack(dropoutKey)
    // A single rank has all lanes.
    let isWhole = scope == .whole && exchange != nil
    let workers = workers(rows: segment.batch, isWhole: isWhole)
    let plan = makePlan(workers: workers, isWhole: isWhole, keepsLanesApart: keepsLanesApart)
    let gradients = wantsGradients ? makeGradients(plan) : nil
    let shards = shards(of: segment.lengths, plan, isWhole: isWhole)
    earlyParts = []
    let early = wantsGradients && !keepsLanesApart ? makeEarlyExchange(workers: workers) : nil
    let (engine, parameters, arenas) = (engine, parameters, arenas)
    let teams = (0..<workers).map { Team(count: share(of: pool.count, worker: $0, workers: workers).count) }
    // Threads of a team are occupied until its leader finishes: only single-threaded workers can help each other.
    let isShared = wantsGradients && workers > 1 && workers == pool.count
    let work = isShared ? SharedWork(arenas: arenas, minimumPiece: minimumSharedTiles) : nil
    let (results, seconds) = timed {
      pool.map(teams) { worker, team -> (result: Result, times: WorkerTimes) in
        arenas[worker].reset()
        let member = work?.begin(worker: worker)
        let onFinalGradients: @Sendable (Int) -> Void = { early?.gradientsAreFinal(from: $0, worker: worker) }
        let shard = Shard(
          engine: engine, layout: shards.layouts[worker], globalRows: shards.rows[worker],
          segment: segment, parameters: parameters.matrix, nodes: plan.localNodes(worker: worker),
          gradients: gradients?[worker].map(\.matrix) ?? [], arena: arenas[worker], dropoutKey: dropoutKey,
          team: team.count > 1 ? team : nil, member: member,
          onFinalGradients: early == nil ? nil : onFinalGradients)
        let result = body(shard)
        early?.gradientsAreFinal(from: 0, worker: worker)
        var times = shard.elapsedTimes()
        if let member { times.add(help: member.finish()) }
        return (result: result, times: times)
      }
    }
    if let early { earlyParts = exchanging { early.finish() } }
    times.add(results.map(\.times), seconds: seconds)
    return results.map(\.result)
  }

  /// Calls `body` with other parameters; nil for the current ones.
  package func with<Value>(
    parameters other: Tensor?, _ body: () throws(WeftError) -> Value
  ) throws(WeftError) -> Value {
    let own = parameters
    if let other { parameters = other }
    defer { if other != nil { parameters = own } }
    return try body()
  }

  /// Gathers one value per lane from all ranks, in lane order.
  func gather<Value: BitwiseCopyable>(_ own: [Value]) -> [Value] {
    guard let exchange else { return own }
    return exchanging { ranks.gather(own, counts: exchange.plan.ranges.map(\.count)) }
  }

  /// Packs the weights if they have changed since the last packing. Passes call this themselves.
  ///
  /// - Parameter dropoutKey: Key of the masks of weights; nil to drop none.
  package func pack(_ dropoutKey: DropoutKey? = nil) {
    let key = dropConnects.isEmpty ? nil : dropoutKey
    if isPacked, key == packedKey { return }
    let (module, engine, parameters, pool) = (module, engine, parameters, pool)
    let dropConnects = dropConnects
    let (_, seconds) = timed {
      if !dropConnects.isEmpty {
        pool.run { worker in
          for drop in dropConnects {
            drop.drop(engine, parameters: parameters.matrix, key: key, worker: worker, workers: pool.count)
          }
        }
      }
      pool.run { worker in
        module.pack(engine, parameters: parameters.matrix, worker: worker, workers: pool.count)
      }
      pool.run { worker in
        module.prepare(engine, parameters: parameters.matrix, worker: worker, workers: pool.count)
      }
    }
    times.update += seconds
    isPacked = true
    packedKey = key
  }

  private func shards(of lengths: [Int], _ plan: LanePlan, isWhole: Bool) -> ShardPlan {
    if let planned = isWhole ? wholeShards : ownShards, planned.lengths == lengths,
      planned.rows.count == plan.ranges.count
    {
      return planned
    }
    let shards = ShardPlan(lengths: lengths, lanes: plan)
    if isWhole { wholeShards = shards } else { ownShards = shards }
    return shards
  }

  /// Starts the exchange of gradients that overlaps with the backward pass, if it is worthwhile.
  private func makeEarlyExchange(workers: Int) -> EarlyExchange? {
    let sections = Array(ownership.sections.dropLast())
    guard overlapsExchange, let exchange, !sections.isEmpty else { return nil }
    let derived = module.rangesWithoutNodes
    return EarlyExchange(
      exchange, on: exchangeQueue, sections: sections, workers: workers, local: sum(),
      roots: plan.roots.map { gradients[$0].matrix }, kernels: engine.kernels, ownership: ownership
    ) { $0.without(derived) }
  }

  /// Takes the parts that were exchanged during the backward pass; each is reduced once.
  func takeEarlyParts() -> [EarlyExchange.Part] {
    defer { earlyParts = [] }
    return earlyParts
  }

  /// Counts the time of `body` as exchange with other ranks.
  func exchanging<Value>(_ body: () -> Value) -> Value {
    if ranks.count == 1 { return body() }
    let (value, seconds) = timed(body)
    times.exchange += seconds
    return value
  }

  private func makePlan(workers: Int, isWhole: Bool, keepsLanesApart: Bool) -> LanePlan {
    let key = PlanKey(workers: workers, isWhole: isWhole, keepsLanesApart: keepsLanesApart)
    if let plan = plans[key] { return plan }
    let plan = LanePlan(
      lanes: plan.lanes, own: isWhole ? nil : ownLanes, workers: workers, keepsLanesApart: keepsLanesApart)
    plans[key] = plan
    return plan
  }

  /// Allocates gradients for the nodes of a plan, which becomes the current one.
  private func makeGradients(_ plan: LanePlan) -> [[Tensor]] {
    self.plan = plan
    let count = module.layout.gradientCount
    for (worker, nodes) in plan.nodes.enumerated() {
      while workerGradients[worker].count < nodes.count {
        workerGradients[worker].append(Tensor(rows: 1, columns: count))
      }
    }
    let made = zip(workerGradients, plan.nodes).map { Array($0.prefix($1.count)) }
    gradients = made.flatMap(\.self)
    return made
  }
}

import WeftBase
import WeftLayers
import WeftTensor

/// Runs a module's forward and backward passes over the shards of a minibatch: workers, their teams, lanes and memory.
///
/// Results have the same bits for any number of workers and ranks.
package final class Executor {
  package let module: any ParallelModule
  package let engine: Engine
  package let pool: WorkerPool
  /// The processes that share the lanes.
  package let ranks: any Communicator
  /// What they exchange of gradients; nil for a single one.
  let exchange: GradientExchange?
  /// The places of the flat parameters that each rank updates.
  package let ownership: Ownership
  /// How the latest gradients are folded.
  package private(set) var plan: LanePlan
  private var plans: [PlanKey: LanePlan] = [:]
  private let ownLanes: Range<Int>
  /// All parameters, flat `[1, module.layout.count]`. Call `parametersChanged` after writing to them.
  package var parameters: Tensor { didSet { isPacked = false } }
  /// Whether gradients are exchanged while others are made; results do not depend on it.
  package var overlapsExchange = true
  /// Where the time went so far; may be reset.
  package var times = PhaseTimes()
  /// Rows that a worker must have for another to get any.
  ///
  /// Every worker streams through all weights at each time step, so it needs rows to use them on. Below four the
  /// processor waits for the caches; weights that the workers' caches cannot hold together want more.
  package var minimumRows: Int
  /// Tiles of outer products that a worker takes over from another, at least: for every piece the right-hand side is
  /// read anew.
  package var minimumSharedTiles = 16
  private let arenas: [Arena]
  /// Flat gradients for the nodes of each worker; made when first needed.
  private var workerGradients: [[Tensor]]
  private var ownShards: ShardPlan?
  private var wholeShards: ShardPlan?
  private var isPacked = false
  /// Bytes for the activations of one minibatch; nil for no limit.
  package var memoryBudget: Int?
  /// What was exchanged of the latest gradients while they were made.
  private var earlyParts: [EarlyExchange.Part] = []

  /// - Parameters:
  ///   - threads: Those that run at the same time, as workers with lanes of their own or in their teams.
  ///   - lanes: Parts that a minibatch is cut into; results depend on it.
  ///   - ranks: The processes that share them, at most one a lane.
  package init(
    _ module: any ParallelModule, parameters: Tensor, engine: Engine, threads: Int, lanes: Int,
    ranks: any Communicator = SingleRank()
  ) {
    let own = share(of: lanes, worker: ranks.rank, workers: ranks.count)
    self.module = module
    self.parameters = parameters
    self.engine = engine
    self.ranks = ranks
    ownLanes = own
    ownership = Ownership(
      count: module.layout.count, ranks: ranks.count, boundaries: module.gradientBoundaries)
    exchange = ranks.count > 1 ? GradientExchange(ranks, lanes: lanes) : nil
    pool = WorkerPool(count: threads)
    plan = LanePlan(lanes: lanes, own: own, workers: min(threads, own.count))
    minimumRows = module.stepWeightBytes > 12 << 20 ? 32 : 4
    workerGradients = (0..<pool.count).map { _ in [] }
    arenas = (0..<pool.count).map { _ in Arena() }
  }

  private struct PlanKey: Hashable {
    let workers: Int
    let isWhole: Bool
    let keepsLanesApart: Bool
  }

  /// Workers that get lanes of their own; the other threads share these workers' matrix products.
  private func workers(rows: Int, isWhole: Bool) -> Int {
    let lanes = isWhole ? plan.lanes : ownLanes.count
    return min(pool.count, lanes, max(1, rows * lanes / plan.lanes / minimumRows))
  }

  /// Makes the next pass use the parameters' new values.
  package func parametersChanged() { isPacked = false }

  /// Whose lanes a pass runs over.
  package enum Scope {
    /// This rank's, as every rank runs over its own.
    case own
    /// All, on this rank alone.
    case whole
  }

  /// The nodes' flat gradients in the order of the plan's additions.
  package private(set) var gradients: [Tensor] = []

  /// Runs `body` on every worker's shard of a minibatch; results come in the workers' order.
  ///
  /// - Parameters:
  ///   - segment: The time steps to run.
  ///   - scope: Whose lanes to run over; nil for this rank's where gradients are wanted, else for all.
  ///   - wantsGradients: Whether `body` runs a backward pass, which fills `gradients`.
  ///   - keepsLanesApart: Whether gradients are summed over several calls; the first does not accumulate.
  ///   - dropoutKey: Keys of the dropout masks; nil for no dropout.
  package func run<Result: Sendable>(
    _ segment: Segment, scope: Scope? = nil, wantsGradients: Bool, keepsLanesApart: Bool = false,
    dropoutKey: DropoutKey?, _ body: @Sendable (Shard) -> Result
  ) -> [Result] {
    let scope = scope ?? (wantsGradients ? .own : .whole)
    precondition(scope == .own || !wantsGradients)
    pack()
    // One rank alone has all lanes.
    let isWhole = scope == .whole && exchange != nil
    let workers = workers(rows: segment.batch, isWhole: isWhole)
    let plan = makePlan(workers: workers, isWhole: isWhole, keepsLanesApart: keepsLanesApart)
    let gradients = wantsGradients ? makeGradients(plan) : nil
    let shards = shards(of: segment.lengths, plan, isWhole: isWhole)
    earlyParts = []
    let early = wantsGradients && !keepsLanesApart ? makeEarlyExchange(workers: workers) : nil
    let (engine, parameters, arenas) = (engine, parameters, arenas)
    let teams = (0..<workers).map { Team(count: share(of: pool.count, worker: $0, workers: workers).count) }
    // A team's threads are held until its leader is done: only workers of one thread each can help one another.
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

  /// Calls `body` with other parameters in place of these; nil for these.
  package func with<Value>(
    parameters other: Tensor?, _ body: () throws(WeftError) -> Value
  ) throws(WeftError) -> Value {
    let own = parameters
    if let other { parameters = other }
    defer { if other != nil { parameters = own } }
    return try body()
  }

  /// What all ranks found in their lanes, a value each, in the lanes' order.
  func gather<Value: BitwiseCopyable>(_ own: [Value]) -> [Value] {
    guard let exchange else { return own }
    return exchanging { ranks.gather(own, counts: exchange.plan.ranges.map(\.count)) }
  }

  /// Packs the weights unless they have been since they changed; a pass does this by itself.
  package func pack() {
    if isPacked { return }
    let (module, engine, parameters, pool) = (module, engine, parameters, pool)
    let (_, seconds) = timed {
      pool.run { worker in
        module.pack(engine.kernels, parameters: parameters.matrix, worker: worker, workers: pool.count)
      }
      pool.run { worker in
        module.prepare(engine, parameters: parameters.matrix, worker: worker, workers: pool.count)
      }
    }
    times.update += seconds
    isPacked = true
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

  /// Begins to exchange gradients while they are made, where that is worth it.
  private func makeEarlyExchange(workers: Int) -> EarlyExchange? {
    let stretches = Array(ownership.stretches.dropLast())
    guard overlapsExchange, let exchange, !stretches.isEmpty else { return nil }
    let derived = module.layout.derivedCount > 0 ? module.derivedParameters : []
    return EarlyExchange(
      exchange, stretches: stretches, workers: workers, local: sum(),
      roots: plan.roots.map { gradients[$0].matrix }, kernels: engine.kernels, ownership: ownership
    ) { $0.without(derived) }
  }

  /// Gives away what was exchanged of the latest gradients while they were made: they are folded once.
  func takeEarlyParts() -> [EarlyExchange.Part] {
    defer { earlyParts = [] }
    return earlyParts
  }

  /// Counts what `body` takes as exchange with other ranks.
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

  /// Gradients for the nodes of a plan, which becomes the current one.
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

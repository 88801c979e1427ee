import KernelInterface

/// Something with parameters that can be trained lane by lane.
package protocol LaneTrainable: Sendable {
  var layout: ParameterLayout { get }

  /// Packs worker `worker`'s share of all weights; all shares must be packed before a forward pass.
  func pack(_ kernels: any KernelSet.Type, parameters: Matrix, worker: Int, workers: Int)

  /// Computes worker `worker`'s share of what forward passes need of the packed weights.
  func prepare(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int)

  /// The places in a flat array of the parameters whose gradients follow from others, in ascending order.
  var derivedParameters: [Range<Int>] { get }

  /// Bytes of the weights that one time step of the largest recurrent layer streams through.
  var stepWeightBytes: Int { get }

  /// Fills those gradients once what they follow from is folded over all lanes.
  func deriveGradients(_ engine: Engine, parameters: Matrix, gradient: Matrix)
}

extension LaneTrainable {
  package var stepWeightBytes: Int { 0 }
  package var derivedParameters: [Range<Int>] { [] }
  package func prepare(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {}
  package func deriveGradients(_ engine: Engine, parameters: Matrix, gradient: Matrix) {}
}

/// Workers, their teams, lanes and memory: what runs a forward and backward pass over the shards of a minibatch.
package class LaneParallel {
  package let module: any LaneTrainable
  package let engine: Engine
  package let pool: WorkerPool
  /// How the latest gradients are folded.
  package private(set) var plan: LanePlan
  private var plans: [PlanKey: LanePlan] = [:]
  /// All parameters, flat `[1, module.layout.count]`. Call `parametersChanged` after writing to them.
  package var parameters: Tensor { didSet { isPacked = false } }
  /// Where the time went so far; may be reset.
  package var times = PhaseTimes()
  /// Rows that a worker must have for another to get any.
  ///
  /// Every worker streams through all weights at each time step, so it needs rows to use them on. Below four the
  /// processor waits for the caches; weights that the workers' caches cannot hold together want more.
  package var leastRows: Int
  private let arenas: [Arena]
  /// Flat gradients for the nodes of each worker; made when first needed.
  private var workerGradients: [[Tensor]]
  private var shards: ShardPlan?
  private var isPacked = false

  /// - Parameters:
  ///   - threads: Those that run at the same time, as workers with lanes of their own or in their teams.
  ///   - lanes: Parts that a minibatch is cut into; results depend on it.
  package init(_ module: any LaneTrainable, parameters: Tensor, engine: Engine, threads: Int, lanes: Int) {
    self.module = module
    self.parameters = parameters
    self.engine = engine
    pool = WorkerPool(count: threads)
    plan = LanePlan(lanes: lanes, workers: min(threads, lanes))
    leastRows = module.stepWeightBytes > 12 << 20 ? 32 : 4
    workerGradients = (0..<pool.count).map { _ in [] }
    arenas = (0..<pool.count).map { _ in Arena() }
  }

  private struct PlanKey: Hashable {
    let workers: Int
    let keepsLanesApart: Bool
  }

  /// Workers that get lanes of their own; the other threads share these workers' matrix products.
  private func workers(rows: Int) -> Int { min(pool.count, plan.lanes, max(1, rows / leastRows)) }

  /// Makes the next pass use the parameters' new values.
  package func parametersChanged() { isPacked = false }

  /// The nodes' flat gradients in the order of the plan's additions.
  package private(set) var gradients: [Tensor] = []

  /// Runs `body` on every worker's shard of a minibatch; results come in the workers' order.
  ///
  /// - Parameters:
  ///   - segment: The time steps to run.
  ///   - wantsGradients: Whether `body` runs a backward pass, which fills `gradients`.
  ///   - keepsLanesApart: Whether gradients are summed over several calls; the first does not accumulate.
  ///   - dropoutKey: Keys of the dropout masks; nil for no dropout.
  package func run<Result: Sendable>(
    _ segment: Segment, wantsGradients: Bool, keepsLanesApart: Bool = false, dropoutKey: DropoutKey?,
    _ body: @Sendable (Shard) -> Result
  ) -> [Result] {
    pack()
    let workers = workers(rows: segment.batch)
    let plan = makePlan(workers: workers, keepsLanesApart: keepsLanesApart)
    let gradients = wantsGradients ? makeGradients(plan) : nil
    if shards?.lengths != segment.lengths || shards?.rows.count != workers {
      shards = ShardPlan(lengths: segment.lengths, lanes: plan)
    }
    guard let shards else { preconditionFailure("the shards were just planned") }
    let (engine, parameters, arenas) = (engine, parameters, arenas)
    let teams = (0..<workers).map { Team(count: share(of: pool.count, worker: $0, workers: workers).count) }
    let (results, seconds) = timed {
      pool.map(teams) { worker, team in
        arenas[worker].reset()
        let shard = Shard(
          engine: engine, layout: shards.layouts[worker], globalRows: shards.rows[worker],
          segment: segment, parameters: parameters.matrix, nodes: plan.localNodes(worker: worker),
          gradients: gradients?[worker].map(\.matrix) ?? [], arena: arenas[worker], dropoutKey: dropoutKey,
          team: team.count > 1 ? team : nil)
        return (result: body(shard), times: shard.elapsedTimes())
      }
    }
    times.add(results.map(\.times), seconds: seconds)
    return results.map(\.result)
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

  private func makePlan(workers: Int, keepsLanesApart: Bool) -> LanePlan {
    let key = PlanKey(workers: workers, keepsLanesApart: keepsLanesApart)
    if let plan = plans[key] { return plan }
    let plan = LanePlan(lanes: plan.lanes, workers: workers, keepsLanesApart: keepsLanesApart)
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

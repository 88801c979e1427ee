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

  /// Fills those gradients once what they follow from is folded over all lanes.
  func deriveGradients(_ engine: Engine, parameters: Matrix, gradient: Matrix)
}

extension LaneTrainable {
  package var derivedParameters: [Range<Int>] { [] }
  package func prepare(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {}
  package func deriveGradients(_ engine: Engine, parameters: Matrix, gradient: Matrix) {}
}

/// Workers, their lanes and their memory: what runs a forward and backward pass over the shards of a minibatch.
package class LaneParallel {
  package let module: any LaneTrainable
  package let engine: Engine
  package let pool: WorkerPool
  /// How the latest gradients are folded.
  package private(set) var plan: LanePlan
  private let foldingPlan: LanePlan
  private let apartPlan: LanePlan
  /// All parameters, flat `[1, module.layout.count]`. Call `parametersChanged` after writing to them.
  package var parameters: Tensor { didSet { isPacked = false } }
  /// Where the time went so far; may be reset.
  package var times = PhaseTimes()
  private let arenas: [Arena]
  /// A flat gradient for each node of each worker; made when first needed.
  private var nodeGradients: [[Tensor]] = []
  private var laneGradients: [[Tensor]] = []
  private var shards: ShardPlan?
  private var isPacked = false

  /// - Parameters:
  ///   - threads: Workers that run at the same time; at most one a lane is used.
  ///   - lanes: Parts that a minibatch is cut into; results depend on it.
  package init(_ module: any LaneTrainable, parameters: Tensor, engine: Engine, threads: Int, lanes: Int) {
    self.module = module
    self.parameters = parameters
    self.engine = engine
    pool = WorkerPool(count: min(threads, lanes))
    foldingPlan = LanePlan(lanes: lanes, workers: pool.count)
    apartPlan = LanePlan(lanes: lanes, workers: pool.count, keepsLanesApart: true)
    plan = foldingPlan
    arenas = (0..<pool.count).map { _ in Arena() }
  }

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
    let gradients = wantsGradients ? makeGradients(keepsLanesApart: keepsLanesApart) : nil
    if shards?.lengths != segment.lengths { shards = ShardPlan(lengths: segment.lengths, lanes: plan) }
    guard let shards else { preconditionFailure("the shards were just planned") }
    let (engine, plan, parameters, arenas) = (engine, plan, parameters, arenas)
    let (results, seconds) = timed {
      pool.map { worker in
        arenas[worker].reset()
        let shard = Shard(
          engine: engine, layout: shards.layouts[worker], globalRows: shards.rows[worker],
          segment: segment, parameters: parameters.matrix, nodes: plan.localNodes(worker: worker),
          gradients: gradients?[worker].map(\.matrix) ?? [], arena: arenas[worker], dropoutKey: dropoutKey)
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

  /// The gradients of the plan that is asked for, which becomes the current one.
  private func makeGradients(keepsLanesApart: Bool) -> [[Tensor]] {
    plan = keepsLanesApart ? apartPlan : foldingPlan
    var made = keepsLanesApart ? laneGradients : nodeGradients
    if made.isEmpty {
      let (plan, count) = (plan, module.layout.gradientCount)
      // Each worker makes its own, so that the memory is first touched where it is used.
      made = pool.map { worker in plan.nodes[worker].map { _ in Tensor(rows: 1, columns: count) } }
      if keepsLanesApart { laneGradients = made } else { nodeGradients = made }
    }
    gradients = made.flatMap(\.self)
    return made
  }
}

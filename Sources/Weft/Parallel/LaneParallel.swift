import KernelInterface

/// Something with parameters that can be trained lane by lane.
package protocol LaneTrainable: Sendable {
  var layout: ParameterLayout { get }

  /// Packs worker `worker`'s share of all weights; all shares must be packed before a forward pass.
  func pack(_ kernels: any KernelSet.Type, parameters: Matrix, worker: Int, workers: Int)
}

/// Workers, their lanes and their memory: what runs a forward and backward pass over the shards of a minibatch.
package class LaneParallel {
  package let module: any LaneTrainable
  package let engine: Engine
  package let pool: WorkerPool
  package let plan: LanePlan
  /// All parameters, flat `[1, module.layout.count]`. Call `parametersChanged` after writing to them.
  package var parameters: Tensor { didSet { isPacked = false } }
  private let arenas: [Arena]
  /// A flat gradient for each node of each worker; made when first needed.
  private var nodeGradients: [[Tensor]] = []
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
    plan = LanePlan(lanes: lanes, workers: pool.count)
    arenas = (0..<pool.count).map { _ in Arena() }
  }

  /// Makes the next pass use the parameters' new values.
  package func parametersChanged() { isPacked = false }

  /// The nodes' flat gradients in the order of the plan's additions.
  package var gradients: [Tensor] { nodeGradients.flatMap(\.self) }

  /// Runs `body` on every worker's shard of a minibatch; results come in the workers' order.
  ///
  /// - Parameters:
  ///   - lengths: Time steps of the minibatch's rows, descending.
  ///   - wantsGradients: Whether `body` runs a backward pass, which fills `gradients`.
  ///   - dropoutKey: Keys of the dropout masks; nil for no dropout.
  package func run<Result: Sendable>(
    lengths: [Int], wantsGradients: Bool, dropoutKey: DropoutKey?, _ body: @Sendable (Shard) -> Result
  ) -> [Result] {
    pack()
    if wantsGradients { makeNodeGradients() }
    if shards?.lengths != lengths { shards = ShardPlan(lengths: lengths, lanes: plan) }
    guard let shards else { preconditionFailure("the shards were just planned") }
    let (engine, plan, parameters, arenas) = (engine, plan, parameters, arenas)
    let gradients = wantsGradients ? nodeGradients : nil
    return pool.map { worker in
      arenas[worker].reset()
      return body(
        Shard(
          engine: engine, layout: shards.layouts[worker], globalRows: shards.rows[worker],
          batch: lengths.count, parameters: parameters.matrix, nodes: plan.localNodes(worker: worker),
          gradients: gradients?[worker].map(\.matrix) ?? [], arena: arenas[worker], dropoutKey: dropoutKey))
    }
  }

  private func pack() {
    if isPacked { return }
    let (module, engine, parameters, pool) = (module, engine, parameters, pool)
    pool.run { worker in
      module.pack(engine.kernels, parameters: parameters.matrix, worker: worker, workers: pool.count)
    }
    isPacked = true
  }

  private func makeNodeGradients() {
    guard nodeGradients.isEmpty else { return }
    let (plan, count) = (plan, module.layout.gradientCount)
    // Each worker makes its own, so that the memory is first touched where it is used.
    nodeGradients = pool.map { worker in
      plan.nodes[worker].map { _ in Tensor(rows: 1, columns: count) }
    }
  }
}

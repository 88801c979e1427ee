import KernelInterface
import WeftLayers

/// Modules of PyTorch, and the lines of `forward` that call them, for blocks on one another.
struct TorchBlocks {
  /// Lines of `__init__`.
  private(set) var modules: [String] = []
  /// Lines of `forward`, from and to `x` with the numbers of steps `lengths`.
  private(set) var steps: [String] = []
  private(set) var cells = TorchCells()
  /// Features of `x`.
  private(set) var size: Int
  private var names = BlockNames()
  /// Directions whose states `x` is, side by side and of equal size.
  private var directions = [Direction.forward]
  /// Whether the last states of all recurrent layers are kept in a list `last`.
  private let keepsLast: Bool

  /// - Parameter keepsLast: Whether the last states of all recurrent layers are kept in a list `last`.
  init(_ network: NetworkDescription, keepsLast: Bool = false) {
    self.keepsLast = keepsLast
    size = network.blockInputs
    if let rows = network.tokenRows {
      modules.append("self.embedding = nn.Embedding(\(rows.rows), \(rows.columns))")
      steps.append("x = self.embedding(inputs)")
      size = rows.columns
    } else if !network.categories.isEmpty {
      addCategories(network)
    } else {
      steps.append("x = inputs")
    }
    if network.isTorchStack, !keepsLast {
      addEqualLayers(network)
      return
    }
    add(network.blocks)
  }

  private mutating func add(_ blocks: [NetworkBlock]) {
    var index = 0
    while index < blocks.count {
      let pools = index + 1 < blocks.count && blocks[index + 1] == .pool(.last)
      index += add(blocks[index], pools: pools) ? 2 : 1
    }
  }

  /// The numeric features, and after them the embeddings of the others.
  private mutating func addCategories(_ network: NetworkDescription) {
    let columns = network.categories.map(\.column)
    let numeric = (0..<network.input.size).filter { !columns.contains($0) }
    for category in network.categories {
      let (rows, size) = (category.embedding.rows, category.embedding.columns)
      modules.append("self.category_\(category.column) = nn.Embedding(\(rows), \(size))  # \(category.name)")
    }
    let parts =
      (numeric.isEmpty ? [] : ["inputs[..., \(numeric)]"])
      + columns.map { "self.category_\($0)(inputs[..., \($0)].long())" }
    steps.append("x = torch.cat([\(parts.joined(separator: ", "))], dim=-1)")
  }

  private mutating func addEqualLayers(_ network: NetworkDescription) {
    let levels = network.levels
    modules.append(
      "self.rnn = \(constructor(RecurrentLevel(levels[0]), layers: levels.count))")
    let isPooled = network.outputSteps != .everyStep
    steps.append(isPooled ? "_, x = run(self.rnn, x, lengths)" : "x, _ = run(self.rnn, x, lengths)")
    size = network.stateSize
  }

  /// Such as `nn.LSTM(5, 7, batch_first=True)`, or a list of the layers of each direction.
  private mutating func constructor(_ level: RecurrentLevel, layers: Int = 1) -> String {
    let first = level.layers[0]
    guard level.isTorchModule, !keepsLast, let foreign = first.cell.foreign[.pytorch] else {
      let own = level.layers.enumerated().map { index, layer in
        cells.constructor(layer, isBackward: level.isBackward || index == 1)
      }
      return "nn.ModuleList([\(own.joined(separator: ", "))])"
    }
    var arguments = ["\(first.inputs)", "\(first.units)"]
    if layers > 1 { arguments.append("num_layers=\(layers)") }
    for (name, value) in foreign.settings.sorted(by: { $0.key < $1.key }) {
      if case .text(let text) = value { arguments.append("\(name)=\"\(text)\"") }
    }
    if first.cell.hasProjection { arguments.append("proj_size=\(first.hidden)") }
    if level.layers.count > 1 { arguments.append("bidirectional=True") }
    return "nn.\(foreign.name)(\((arguments + ["batch_first=True"]).joined(separator: ", ")))"
  }

  /// - Parameter pools: Whether the pooling of final states follows.
  /// - Returns: Whether the pooling was added as well.
  private mutating func add(_ block: NetworkBlock, pools: Bool) -> Bool {
    switch block {
    case .recurrent(let level):
      add(level, pools: pools)
      return pools
    case .dense(let dense, let activation):
      let name = names.next("dense")
      modules.append("self.\(name) = nn.Linear(\(size), \(dense.weights.columns))")
      steps.append("x = \(activation.torch("self.\(name)(x)"))")
      (size, directions) = (dense.weights.columns, [.forward])
    case .convolution(let convolution): add(convolution)
    case .normalization(let gain, _, let epsilon):
      let name = names.next("normalization")
      modules.append("self.\(name) = nn.LayerNorm(\(gain.count), eps=\(epsilon))")
      steps.append("x = self.\(name)(x)")
    case .pooling(let pooling):
      steps.append(
        "x, lengths = pool(x, lengths, \(pooling.width), \(pooling.stride), \"\(pooling.padding.rawValue)\","
          + " \"\(pooling.kind.rawValue)\")")
      directions = [.forward]
    case .pool(let kind): add(kind)
    case .attention(let attention):
      let units = attention.projection.weights.columns
      let name = names.next(NetworkBlock.poolingStem)
      modules.append("self.\(name)_projection = nn.Linear(\(size), \(units))")
      modules.append("self.\(name)_score = nn.Linear(\(units), 1, bias=False)")
      steps.append("scores = self.\(name)_score(\(attention.activation.torch("self.\(name)_projection(x)")))")
      steps.append("weights = torch.softmax(masked(scores, lengths, -torch.inf), 1)")
      steps.append("x = (weights * masked(x, lengths, 0.0)).sum(1)")
      directions = [.forward]
    case .activation(let function): steps.append("x = \(function.torch("x"))")
    case .residual(let inner):
      let before = names.next("before")
      steps.append("\(before) = x")
      _ = add(inner, pools: false)
      steps.append("x = \(before) + x")
      directions = [.forward]
    case .highway(let inner, _):
      let before = names.next("before")
      steps.append("\(before) = x")
      let inputs = size
      _ = add(inner, pools: false)
      let name = names.next("highway")
      modules.append("self.\(name) = nn.Linear(\(inputs), \(size))")
      steps.append("x = \(before) + torch.sigmoid(self.\(name)(\(before))) * (x - \(before))")
      directions = [.forward]
    case .branches(let branches, let merge): add(branches, merge)
    }
    return false
  }

  private mutating func add(_ branches: [[NetworkBlock]], _ merge: DirectionMerge) {
    let name = names.next("branches")
    let (inputs, before) = (size, directions)
    var outputs = 0
    steps.append("\(name), \(name)_inputs = [], (x, lengths)")
    for branch in branches {
      steps.append("x, lengths = \(name)_inputs")
      (size, directions) = (inputs, before)
      add(branch)
      steps.append("\(name).append(x)")
      outputs = merge == .concatenate ? outputs + size : size
    }
    switch merge {
    case .concatenate: steps.append("x = torch.cat(\(name), dim=-1)")
    case .sum: steps.append("x = torch.stack(\(name)).sum(0)")
    case .mean: steps.append("x = torch.stack(\(name)).mean(0)")
    case .product: steps.append("x = torch.stack(\(name)).prod(0)")
    }
    (size, directions) = (outputs, [.forward])
  }

  private mutating func add(_ level: RecurrentLevel, pools: Bool) {
    let name = names.next("layer")
    modules.append("self.\(name) = \(constructor(level))")
    if !level.isTorchModule || keepsLast {
      steps.append("x\(pools || keepsLast ? ", final" : ", _") = scan(self.\(name), x, lengths)")
      if keepsLast { steps.append("last.append(final)") }
      if pools { steps.append("x = final[0]") }
    } else if level.isBackward {
      steps.append("x, last = run(self.\(name), backward(x, lengths), lengths)")
      steps.append(pools ? "x = last" : "x = backward(x, lengths)")
    } else {
      steps.append(pools ? "_, x = run(self.\(name), x, lengths)" : "x, _ = run(self.\(name), x, lengths)")
    }
    let hidden = level.layers[0].hidden
    size = hidden
    directions = [level.isBackward ? .backward : .forward]
    guard level.layers.count > 1 else { return }
    if level.merge == .concatenate { (size, directions) = (2 * hidden, [.forward, .backward]) }
    switch level.merge {
    case .concatenate: break
    case .sum: steps.append("x = x[..., :\(hidden)] + x[..., \(hidden):]")
    case .mean: steps.append("x = (x[..., :\(hidden)] + x[..., \(hidden):]) / 2")
    case .product: steps.append("x = x[..., :\(hidden)] * x[..., \(hidden):]")
    }
  }

  private mutating func add(_ convolution: ConvolutionWeights) {
    let name = names.next("convolution")
    modules.append(
      "self.\(name) = nn.Conv1d(\(convolution.inputs), \(convolution.filters), \(convolution.width),"
        + " stride=\(convolution.stride), dilation=\(convolution.dilation))")
    steps.append("x, lengths = convolve(self.\(name), x, lengths, \"\(convolution.padding.rawValue)\")")
    if convolution.activation != .linear { steps.append("x = \(convolution.activation.torch("x"))") }
    (size, directions) = (convolution.filters, [.forward])
  }

  private mutating func add(_ kind: PoolKind) {
    let last = "x[torch.arange(len(x)), lengths - 1]"
    switch kind {
    case .last where directions == [.backward]: steps.append("x = x[:, 0]")
    case .last where directions.count == 2:
      steps.append("x = torch.cat([\(last)[:, :\(size / 2)], x[:, 0, \(size / 2):]], -1)")
    case .last, .lastPosition: steps.append("x = \(last)")
    case .mean, .attention: steps.append("x = masked(x, lengths, 0.0).sum(1) / lengths[:, None]")
    case .maximum: steps.append("x = masked(x, lengths, -torch.inf).amax(1)")
    }
    directions = [.forward]
  }
}

extension RecurrentLevel {
  /// Whether `torch.nn` has a module of such layers.
  var isTorchModule: Bool {
    layers.allSatisfy { layer in
      layer.cell.foreign[.pytorch] != nil && layer.hasOwnActivations && !layer.hasOwnSteps
        && layer.initialHidden == nil && (!layer.cell.hasProjection || layer.hidden < layer.units)
    }
  }
}

extension NetworkDescription {
  /// Whether the blocks are one module of `torch.nn` of several layers.
  var isTorchStack: Bool {
    hasEqualLayers && levels.allSatisfy { RecurrentLevel($0).isTorchModule }
  }
}

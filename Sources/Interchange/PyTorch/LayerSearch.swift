import WeftLayers

/// Searches for orders of layers in which each reads as many features as the one before it gives.
struct LayerSearch {
  /// A place in a network, and the layers that may stand there.
  struct Slot {
    /// Each the numbers of the layers that are needed together; nil if the place needs none.
    var candidates: [[Int]]?
    /// Features before the place, and after it, for its candidate's first layer.
    var inputs: (StateLayer) -> Int = { $0.inputs }
    var outputs: (StateLayer) -> Int = { $0.outputs }
    /// What the place does to branches.
    var branching: Branching?
  }

  /// Branches read the features before the first of them.
  enum Branching: Equatable {
    case begin, next, end(DirectionMerge)
  }

  /// Layers at their slots.
  struct Filling: Equatable {
    /// The numbers of the layers of each slot.
    var layers: [[Int]] = []
    /// The linear layer after the last slot; nil if there is none.
    var output: Int?
    /// Features after the last slot; nil if unknown.
    var features: Int?
    /// Features before and after each of the branches that have begun.
    private var inputs: [Int?] = []
    private var outputs: [[Int?]] = []

    init(features: Int? = nil) { self.features = features }

    /// The filling after a slot without layers.
    func passing(_ branching: Branching?) -> Filling {
      var result = self
      result.layers.append([])
      switch branching {
      case nil: break
      case .begin:
        result.inputs.append(features)
        result.outputs.append([])
      case .next:
        result.outputs[outputs.count - 1].append(features)
        result.features = inputs[inputs.count - 1]
      case .end(let merge):
        result.inputs.removeLast()
        let all = result.outputs.removeLast() + [features]
        let known = all.compactMap(\.self)
        result.features =
          known.count < all.count ? nil : merge == .concatenate ? known.reduce(0, +) : known[0]
      }
      return result
    }
  }

  let layers: [StateLayer]
  /// The filling that reached the last slot of those tried, where none is complete.
  private(set) var longest = Filling()
  private var steps = 0
  /// Bounds the time that a file can take.
  private static let maximumSteps = 50_000
  private static let maximumLayers = 256

  init(_ layers: [StateLayer]) { self.layers = layers }

  /// Ways of filling all slots that leave at most the output layer, those first that keep the order of the file.
  ///
  /// - Parameters:
  ///   - features: Before the first slot; nil if unknown.
  ///   - limit: The number of ways after which the search ends.
  mutating func fillings(_ slots: [Slot], from features: Int?, limit: Int) -> [Filling] {
    var result: [Filling] = []
    if layers.count > Self.maximumLayers { return [] }
    fill(slots, Filling(features: features), used: [], limit, &result)
    return result
  }

  private mutating func fill(
    _ slots: [Slot], _ filling: Filling, used: Set<Int>, _ limit: Int, _ result: inout [Filling]
  ) {
    steps += 1
    guard steps <= Self.maximumSteps, result.count < limit else { return }
    if filling.layers.count > longest.layers.count || longest.layers.isEmpty { longest = filling }
    let place = filling.layers.count
    guard place < slots.count else {
      let left = layers.indices.filter { !used.contains($0) }
      var complete = filling
      if let last = left.first {
        guard left.count == 1, layers[last].kind == .linear,
          filling.features.map({ $0 == layers[last].inputs }) ?? true
        else { return }
        complete.output = last
      }
      result.append(complete)
      return
    }
    let slot = slots[place]
    guard let candidates = slot.candidates else {
      return fill(slots, filling.passing(slot.branching), used: used, limit, &result)
    }
    var next = filling
    for numbers in candidates where used.isDisjoint(with: numbers) {
      let first = layers[numbers[0]]
      guard filling.features.map({ $0 == slot.inputs(first) }) ?? true, isNext(numbers[0], after: used) else {
        continue
      }
      next.layers = filling.layers + [numbers]
      next.features = slot.outputs(first)
      fill(slots, next, used: used.union(numbers), limit, &result)
    }
  }

  /// Whether the layers of the same recurrent module below this one are used.
  private func isNext(_ number: Int, after used: Set<Int>) -> Bool {
    guard case .recurrent(let level) = layers[number].kind,
      let below = layers.firstIndex(where: { $0.kind == .recurrent(level - 1) }), layers[below].isContinued
    else { return true }
    return used.contains(below)
  }

  /// Orders of all layers, those first that keep the order of the file.
  ///
  /// - Parameters:
  ///   - features: Before the first layer; nil if unknown.
  ///   - limit: The number of orders after which the search ends.
  mutating func orders(from features: Int?, limit: Int) -> [[Int]] {
    var result: [[Int]] = []
    if layers.count > Self.maximumLayers { return [] }
    arrange([], features, used: [], limit, &result)
    return result
  }

  private mutating func arrange(
    _ order: [Int], _ features: Int?, used: Set<Int>, _ limit: Int, _ result: inout [[Int]]
  ) {
    steps += 1
    guard steps <= Self.maximumSteps, result.count < limit else { return }
    guard order.count < layers.count else {
      result.append(order)
      return
    }
    for number in layers.indices where !used.contains(number) {
      let layer = layers[number]
      guard features.map({ $0 == layer.inputs }) ?? true, continues(order, with: number) else { continue }
      arrange(order + [number], layer.outputs, used: used.union([number]), limit, &result)
    }
  }

  /// Whether the layers of a module are next to one another.
  private func continues(_ order: [Int], with number: Int) -> Bool {
    guard case .recurrent(let level) = layers[number].kind else {
      return !(order.last.map { layers[$0].isContinued } ?? false)
    }
    if let last = order.last, layers[last].isContinued { return layers[last].kind == .recurrent(level - 1) }
    let before = layers.first { $0.kind == .recurrent(level - 1) }
    return !(before?.isContinued ?? false)
  }
}

import Testing

@testable import KernelInterface

/// The fixed tree over lanes, written from its definition: the perfect tree over the next power of two, without the
/// lanes that do not exist.
struct LaneTree {
  let lanes: Int

  var root: LaneNode {
    var size = 1
    while size < lanes { size *= 2 }
    return LaneNode(first: 0, size: size)
  }

  /// The value of a node from those of lanes; `known` contains values of known nodes.
  func value<Value>(
    of node: LaneNode, known: (LaneNode) -> Value? = { _ in nil }, lane: (Int) -> Value,
    add: (Value, Value) -> Value
  ) -> Value {
    if let value = known(node) { return value }
    if node.size == 1 { return lane(node.first) }
    let half = node.size / 2
    let lower = value(of: LaneNode(first: node.first, size: half), known: known, lane: lane, add: add)
    if node.first + half >= lanes { return lower }
    let upper = value(
      of: LaneNode(first: node.first + half, size: half), known: known, lane: lane, add: add)
    return add(lower, upper)
  }

  /// The tree of a node's lanes as text.
  func text(_ node: LaneNode, known: (LaneNode) -> String? = { _ in nil }) -> String {
    value(of: node, known: known, lane: { "\($0)" }, add: { "(\($0) + \($1))" })
  }

  /// Contiguous ranges of lanes, as even as possible.
  static func ranges(lanes: Int, workers: Int) -> [Range<Int>] {
    (0..<workers).map { lanes * $0 / workers..<lanes * ($0 + 1) / workers }
  }
}

@Suite("Tree over lanes") struct LaneTreeTests {
  @Test("The nodes of any contiguous ranges make up the same tree", arguments: 1...33)
  func coversMakeUpTheTree(lanes: Int) {
    let tree = LaneTree(lanes: lanes)
    let whole = tree.text(tree.root)
    for workers in 1...lanes {
      let nodes = LaneTree.ranges(lanes: lanes, workers: workers).flatMap { range in
        let cover = LaneNode.cover(range, of: lanes)
        #expect(cover.flatMap { Array($0.lanes(of: lanes)) } == Array(range), "\(range)")
        return cover
      }
      let texts = Dictionary(uniqueKeysWithValues: nodes.map { ($0, tree.text($0)) })
      var used: Set<LaneNode> = []
      let text = tree.text(tree.root) { node in
        if texts[node] != nil { used.insert(node) }
        return texts[node]
      }
      #expect(text == whole)
      #expect(used.count == nodes.count, "every node is part of the tree")
    }
  }

  @Test("A range is covered by few nodes")
  func coversAreSmall() {
    for lanes in 1...33 {
      for lower in 0..<lanes {
        for upper in lower + 1...lanes {
          let count = LaneNode.cover(lower..<upper, of: lanes).count
          var bound = 1
          while 1 << bound < lanes { bound += 1 }
          #expect(count <= 2 * bound)
        }
      }
      #expect(LaneNode.cover(0..<lanes, of: lanes).count == 1)
      #expect(LaneNode.cover(0..<0, of: lanes).isEmpty)
    }
  }
}

/// Items that share a key, directly or through other items, and so lie in one split.
///
/// Its size is that of the distinct keys, about 40 bytes each.
struct TiedItems {
  /// What several items may share. Equal texts of different kinds are different keys.
  enum Key {
    case group(String)
    case text(String)
    case file(String)

    fileprivate var text: String {
      switch self {
      case .group(let text), .text(let text), .file(let text): text
      }
    }

    fileprivate var hash: UInt64 {
      let kind: UInt8 =
        switch self {
        case .group: 1
        case .text: 2
        case .file: 3
        }
      var hash = ContentHash([kind])
      hash.add(text.utf8)
      return hash.value
    }
  }

  private struct Node {
    var parent: Int32
    /// Of a root: items, and the least hash of their own keys.
    var items = 0
    var least = UInt64.max
  }

  private var numbers: [UInt64: Int32] = [:]
  private var nodes: [Node] = []
  /// Number of sets of tied items.
  private(set) var count = 0
  /// Items added so far.
  private(set) var itemCount = 0
  /// Items of the largest set.
  private(set) var largest = 0

  /// Adds an item.
  ///
  /// - Parameters:
  ///   - own: The key whose hash alone decides about an item that is tied to none with another.
  ///   - others: Its other keys.
  mutating func add(_ own: Key, _ others: [Key] = []) {
    var root = root(of: number(of: own))
    for other in others { root = join(root, self.root(of: number(of: other))) }
    nodes[root].items += 1
    nodes[root].least = min(nodes[root].least, ContentHash(own.text.utf8).value)
    itemCount += 1
    largest = max(largest, nodes[root].items)
  }

  /// The hash by which all items tied to that of a key are assigned; nil if there is none with the key.
  mutating func hash(of own: Key) -> UInt64? {
    guard let number = numbers[own.hash] else { return nil }
    return nodes[root(of: Int(number))].least
  }

  /// The number of items of each set, by the hash that assigns it; some alone where there are very many.
  var sets: [UInt64: Int] {
    var sets: [UInt64: Int] = [:]
    for (index, node) in nodes.enumerated() where Int(node.parent) == index && node.items > 0 {
      sets[node.least, default: 0] += node.items
      if DrawnSplits.areMany(sets.count) { break }
    }
    return sets
  }

  private mutating func number(of key: Key) -> Int {
    let next = Int32(nodes.count)
    let number = numbers[key.hash, default: next]
    if number == next {
      numbers[key.hash] = next
      nodes.append(Node(parent: next))
      count += 1
    }
    return Int(number)
  }

  private mutating func root(of node: Int) -> Int {
    var node = node
    while Int(nodes[node].parent) != node {
      nodes[node].parent = nodes[Int(nodes[node].parent)].parent
      node = Int(nodes[node].parent)
    }
    return node
  }

  private mutating func join(_ first: Int, _ second: Int) -> Int {
    if first == second { return first }
    let (root, other) = nodes[first].items >= nodes[second].items ? (first, second) : (second, first)
    nodes[other].parent = Int32(root)
    nodes[root].items += nodes[other].items
    nodes[root].least = min(nodes[root].least, nodes[other].least)
    largest = max(largest, nodes[root].items)
    count -= 1
    return root
  }
}

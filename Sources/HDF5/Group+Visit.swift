/// One step of a walk through a file.
public struct Visit: Sendable, Hashable {
  /// The entry that is visited.
  public let child: Child
  /// How many groups lie between it and the start of the walk.
  public let depth: Int
  /// Whether another name of the same object was visited before; the walk does not enter it again.
  public let isRepeated: Bool
}

extension Container {
  /// Visits everything below the group, in the order of the names, each group before its contents.
  ///
  /// Soft and external links are visited but not followed, and a group that several names lead to is entered once:
  /// the walk ends whatever cycles there are.
  /// - Throws: what `body` throws, and `HDF5Error` for whatever damage is met.
  public func visit(_ body: (Visit) throws -> Void) throws {
    var visited: Set<Group.Identity> = []
    if let start = baseGroup.resolve(".") { visited.insert(start.identity) }
    // A stack of its own: a file may nest groups deeper than the thread's stack goes.
    var pending: [(group: Group, child: Child, depth: Int)] = []
    func push(_ group: Group, depth: Int) throws {
      pending += try group.children.reversed().map { (group, $0, depth) }
    }
    try push(baseGroup, depth: 0)
    while let (group, child, depth) = pending.popLast() {
      var isRepeated = false
      if child.link == .hard, let object = group.resolve(child.name) {
        isRepeated = !visited.insert(object.identity).inserted
      }
      try body(Visit(child: child, depth: depth, isRepeated: isRepeated))
      if child.link == .hard, child.isGroup, !isRepeated {
        try push(try group.group(child.name), depth: depth + 1)
      }
    }
  }
}

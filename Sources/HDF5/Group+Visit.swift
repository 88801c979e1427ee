/// One step of a walk through a file.
public struct Visit: Sendable, Hashable {
  /// The entry that is visited.
  public let child: Child
  /// Depth below the start of the walk.
  public let depth: Int
  /// Whether another name of the same object was visited before; the walk does not enter it again.
  public let isRepeated: Bool
}

extension Container {
  /// Visits everything below the group, in the order of the names, each group before its contents.
  ///
  /// Soft and external links are visited but not followed, and a group with several names is entered once, so that
  /// cycles end.
  /// - Throws: errors of `body`, and `HDF5Error` for any damage found.
  public func visit(_ body: (Visit) throws -> Void) throws {
    var visited: Set<Group.Identity> = []
    if let start = baseGroup.resolve(".") { visited.insert(start.identity) }
    // An explicit stack, because groups may be nested deeper than the call stack allows.
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
        guard depth < ReadLimit.depth else {
          throw group.handle.place.error(
            .tooLarge, "cannot be walked", "its groups are nested more than \(ReadLimit.depth) deep")
        }
        try push(try group.group(child.name), depth: depth + 1)
      }
    }
  }
}

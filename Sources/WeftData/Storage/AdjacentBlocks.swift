extension [StepBlockPlace] {
  /// The block that consecutive ones form, from one on, because each continues the one before along the first dimension;
  /// and the index after the last of them.
  func joined(from first: Int) -> (block: StepBlockPlace, end: Int) {
    var block = self[first]
    var end = first + 1
    while end < count, self[end].offset[0] == block.offset[0] + block.count[0],
      self[end].offset.dropFirst() == block.offset.dropFirst(),
      self[end].count.dropFirst() == block.count.dropFirst()
    {
      block.count[0] += self[end].count[0]
      end += 1
    }
    return (block, end)
  }

  /// Calls `body` with the blocks, consecutive ones joined.
  func forEachJoined(_ body: (StepBlockPlace) -> Void) {
    var next = 0
    while next < count {
      let (block, end) = joined(from: next)
      body(block)
      next = end
    }
  }
}

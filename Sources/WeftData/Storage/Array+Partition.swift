extension Array {
  /// The index of the first element with a property that all later elements have; their number if there is none.
  func firstIndex(ofTail isInTail: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isInTail(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension [Int] {
  /// The number of elements, which are ascending, that are at most `value`.
  package func partition(after value: Int) -> Int { firstIndex(ofTail: { $0 > value }) }
}

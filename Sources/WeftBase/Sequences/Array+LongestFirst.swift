extension Array {
  /// The places of the elements, longest first, which is the order of a minibatch's rows; those of equal length keep
  /// their order.
  package func longestFirst(_ length: (Element) -> Int) -> [Int] {
    let lengths = map(length)
    return lengths.indices.sorted { (lengths[$0], $1) > (lengths[$1], $0) }
  }
}

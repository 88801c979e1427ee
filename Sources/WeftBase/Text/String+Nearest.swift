extension String {
  /// The candidate nearest to this text, within an edit distance of a third of its length; the first of equally near
  /// ones. Nil for a text that is longer than any name.
  package func nearest(among candidates: [String]) -> String? {
    // The distance takes time in proportion to the product of the lengths.
    guard utf8.count <= 200 else { return nil }
    var best: (distance: Int, candidate: String)?
    for candidate in candidates where candidate.utf8.count <= 200 {
      let distance = editDistance(to: candidate)
      let isNear = distance <= Swift.max(1, Swift.max(count, candidate.count) / 3)
      if isNear, distance < best?.distance ?? .max { best = (distance, candidate) }
    }
    return best?.candidate
  }

  /// The minimum number of insertions, deletions, substitutions and transpositions of adjacent letters between two
  /// texts (restricted Damerau–Levenshtein distance).
  func editDistance(to other: String) -> Int {
    let source = Array(self)
    let target = Array(other)
    var beforeLast: [Int] = []
    var last = Array(0...target.count)
    for row in source.indices {
      var current = [row + 1]
      for column in target.indices {
        var distance = Swift.min(
          last[column] + (source[row] == target[column] ? 0 : 1), last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, source[row] == target[column - 1], source[row - 1] == target[column] {
          distance = Swift.min(distance, beforeLast[column - 1] + 1)
        }
        current.append(distance)
      }
      beforeLast = last
      last = current
    }
    return last[target.count]
  }
}

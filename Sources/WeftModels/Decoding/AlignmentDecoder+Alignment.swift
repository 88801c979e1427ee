extension AlignmentDecoder {
  /// The most probable alignment of given labels (Viterbi 1967).
  ///
  /// - Parameter logProbabilities: ln y `[steps][classes]`.
  /// - Returns: The steps of each label; nil without an alignment, for example with too few steps.
  package func align(_ logProbabilities: [[Double]], labels: [Int32]) -> [Range<Int>]? {
    // Labels interleaved with blanks: symbol s is a blank if s is even, otherwise label s / 2.
    let symbols = (0...2 * labels.count).map { $0.isMultiple(of: 2) ? blank : Int(labels[$0 / 2]) }
    /// Log-probability of the best alignment that ends at each symbol.
    var best = symbols.map { _ in -Double.infinity }
    /// Number of symbols by which it advanced at each step.
    var advances: [[Int]] = []
    for (step, row) in logProbabilities.enumerated() {
      var next = best
      var advance = symbols.map { _ in 0 }
      for (place, symbol) in symbols.enumerated() {
        var candidates = step == 0 ? [place < 2 ? 0 : -.infinity] : [best[place]]
        if step > 0, place > 0 { candidates.append(best[place - 1]) }
        // The blank between labels may be skipped unless they are equal.
        if step > 0, place > 1, symbol != blank, symbol != symbols[place - 2] {
          candidates.append(best[place - 2])
        }
        for choice in candidates.indices where candidates[choice] > candidates[advance[place]] {
          advance[place] = choice
        }
        next[place] = candidates[advance[place]] + row[symbol]
      }
      best = next
      advances.append(advance)
    }
    if logProbabilities.isEmpty { return labels.isEmpty ? [] : nil }
    var place = symbols.count - 1
    if place > 0, best[place - 1] > best[place] { place -= 1 }
    guard best[place] > -.infinity else { return nil }
    var steps = labels.map { _ in 0..<0 }
    for step in logProbabilities.indices.reversed() {
      if !place.isMultiple(of: 2) {
        let end = steps[place / 2].isEmpty ? step + 1 : steps[place / 2].upperBound
        steps[place / 2] = step..<end
      }
      place -= advances[step][place]
    }
    return steps
  }
}

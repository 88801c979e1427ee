import Foundation

/// A linear-chain conditional random field by its definition, in Double.
package struct ReferenceRandomField {
  /// `[classes + 2, classes]`: of the class after each class, of the first, and of the last one.
  package let transitions: [Double]
  package let classes: Int

  package init(transitions: [Double], classes: Int) {
    self.transitions = transitions
    self.classes = classes
  }

  private func transition(_ from: Int, _ to: Int) -> Double { transitions[from * classes + to] }

  /// The score of a path.
  package func score(_ logits: [[Double]], _ path: [Int]) -> Double {
    let steps = zip(logits, path).reduce(0) { $0 + $1.0[$1.1] }
    let pairs = zip(path, path.dropFirst()).reduce(0) { $0 + transition($1.0, $1.1) }
    return steps + pairs + transition(classes, path[0]) + transition(classes + 1, path[path.count - 1])
  }

  /// The logarithm of the sum of the exponential scores of all paths through the targets; negative ones are unknown.
  package func logarithmOfSum(_ logits: [[Double]], targets: [Int32]) -> Double {
    func possible(_ step: Int) -> [Int] { targets[step] < 0 ? Array(0..<classes) : [Int(targets[step])] }
    var forward = [Double](repeating: -.infinity, count: classes)
    for column in possible(0) { forward[column] = transition(classes, column) + logits[0][column] }
    for step in 1..<max(logits.count, 1) {
      var next = [Double](repeating: -.infinity, count: classes)
      for column in possible(step) {
        next[column] =
          logits[step][column]
          + Self.logarithmOfSum((0..<classes).map { forward[$0] + transition($0, column) })
      }
      forward = next
    }
    return Self.logarithmOfSum((0..<classes).map { forward[$0] + transition(classes + 1, $0) })
  }

  /// −ln P(targets | logits).
  package func loss(_ logits: [[Double]], targets: [Int32]) -> Double {
    logarithmOfSum(logits, targets: targets.map { _ in -1 }) - logarithmOfSum(logits, targets: targets)
  }

  /// The best of all paths, by trying them.
  package func bestPath(_ logits: [[Double]]) -> [Int] {
    var best: (path: [Int], score: Double) = ([], -.infinity)
    func visit(_ path: [Int]) {
      if path.count == logits.count {
        let score = score(logits, path)
        if score > best.score { best = (path, score) }
        return
      }
      for next in 0..<classes { visit(path + [next]) }
    }
    visit([])
    return best.path
  }

  /// The best path by dynamic programming, for sequences of any length.
  package func viterbi(_ logits: [[Double]]) -> [Int] {
    var scores = (0..<classes).map { transition(classes, $0) + logits[0][$0] }
    var origins: [[Int]] = []
    for values in logits.dropFirst() {
      let from = (0..<classes).map { column in
        (0..<classes).max { scores[$0] + transition($0, column) < scores[$1] + transition($1, column) }!
      }
      scores = (0..<classes).map { scores[from[$0]] + transition(from[$0], $0) + values[$0] }
      origins.append(from)
    }
    var path = [
      (0..<classes).max {
        scores[$0] + transition(classes + 1, $0) < scores[$1] + transition(classes + 1, $1)
      }!
    ]
    for from in origins.reversed() { path.insert(from[path[0]], at: 0) }
    return path
  }

  private static func logarithmOfSum(_ values: [Double]) -> Double {
    let maximum = values.max() ?? 0
    return maximum == -.infinity
      ? maximum : maximum + log(values.reduce(0) { $0 + exp($1 - maximum) })
  }
}

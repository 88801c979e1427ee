import Foundation

/// Reads labels out of a model that was trained by connectionist temporal classification.
package struct AlignmentDecoder: Sendable {
  /// The class that stands for no label.
  package var blank: Int
  /// Prefixes kept at each step.
  package var beam: Int
  /// Weight α of a language model's logarithms of probabilities.
  package var languageWeight: Double
  /// Added to the score for each label, β: without it a language model prefers short texts.
  package var lengthBonus: Double

  package init(blank: Int, beam: Int = 32, languageWeight: Double = 0, lengthBonus: Double = 0) {
    precondition(beam > 0)
    self.blank = blank
    self.beam = beam
    self.languageWeight = languageWeight
    self.lengthBonus = lengthBonus
  }

  /// Labels and how likely they are.
  package struct Hypothesis: Sendable, Equatable {
    package var labels: [Int32]
    /// ln of the sum over the alignments that were kept.
    package var logarithm: Double
    /// What the search prefers: the same, with the language model and the bonus.
    package var score: Double
  }

  /// The labels of the likeliest alignment, which need not be the likeliest labels.
  ///
  /// - Parameter logarithms: ln y `[steps][classes]`.
  /// - Returns: The labels; `logarithm` is that of the one alignment.
  package func greedy(_ logarithms: [[Double]]) -> Hypothesis {
    var labels: [Int32] = []
    var previous = blank
    var sum = 0.0
    for step in logarithms {
      var best = 0
      for symbol in step.indices where step[symbol] > step[best] { best = symbol }
      sum += step[best]
      if best != blank, best != previous { labels.append(Int32(best)) }
      previous = best
    }
    return Hypothesis(labels: labels, logarithm: sum, score: sum)
  }

  /// Searches for the likeliest labels by their prefixes (Hannun et al. 2014): alignments of the same labels are
  /// summed.
  ///
  /// A prefix's score is ln P(prefix) + α·ln P_language(prefix) + β·labels. Of equal scores the one found first wins.
  ///
  /// - Parameters:
  ///   - logarithms: ln y `[steps][classes]`.
  ///   - language: Tells how likely labels are after others; nil for none.
  /// - Returns: The prefixes kept after the last step, best first.
  package func search<Model: LabelModel>(_ logarithms: [[Double]], language: Model?) -> [Hypothesis] {
    var prefixes = PrefixTree(language)
    var kept = [Candidate(node: 0, endsInBlank: 0, endsInLabel: -.infinity)]
    for step in logarithms {
      var candidates: [Candidate] = []
      /// Place of each node's candidate.
      var places: [Int: Int] = [:]
      func update(_ node: Int, _ change: (inout Candidate) -> Void) {
        if let place = places[node] { return change(&candidates[place]) }
        var candidate = Candidate(node: node, endsInBlank: -.infinity, endsInLabel: -.infinity)
        change(&candidate)
        places[node] = candidates.count
        candidates.append(candidate)
      }
      for prefix in kept {
        let total = prefix.total
        let last = prefixes.nodes[prefix.node].label
        update(prefix.node) { candidate in
          candidate.endsInBlank = logarithmOfSum(candidate.endsInBlank, total + step[blank])
          if let last {
            candidate.endsInLabel = logarithmOfSum(
              candidate.endsInLabel, prefix.endsInLabel + step[Int(last)])
          }
        }
        for symbol in step.indices where symbol != blank && step[symbol] > -.infinity {
          // The same label again needs a blank between.
          let before = last == Int32(symbol) ? prefix.endsInBlank : total
          if before == -.infinity { continue }
          update(prefixes.child(of: prefix.node, label: Int32(symbol))) { candidate in
            candidate.endsInLabel = logarithmOfSum(candidate.endsInLabel, before + step[symbol])
          }
        }
      }
      for index in candidates.indices { candidates[index].score = score(candidates[index], prefixes) }
      let order = candidates.indices.sorted {
        (candidates[$0].score, $1) > (candidates[$1].score, $0)
      }
      kept = order.prefix(beam).map { candidates[$0] }
    }
    return kept.map {
      Hypothesis(labels: prefixes.labels(of: $0.node), logarithm: $0.total, score: $0.score)
    }
  }

  /// `search` without a language model.
  package func search(_ logarithms: [[Double]]) -> [Hypothesis] {
    search(logarithms, language: NoLabelModel?.none)
  }

  private func score<Model: LabelModel>(_ candidate: Candidate, _ prefixes: PrefixTree<Model>) -> Double {
    let node = prefixes.nodes[candidate.node]
    let language = languageWeight == 0 ? 0 : languageWeight * node.languageLogarithm
    return candidate.total + language + lengthBonus * Double(node.depth)
  }

  /// A prefix at one step.
  private struct Candidate {
    let node: Int
    /// ln of the sum over the alignments that end in a blank, and of those that end in the prefix's last label.
    var endsInBlank: Double
    var endsInLabel: Double
    var score = 0.0

    var total: Double { logarithmOfSum(endsInBlank, endsInLabel) }
  }
}

/// A language model of labels.
package protocol LabelModel {
  /// What is known after some labels.
  associatedtype State
  /// The state before the first label.
  func start() -> State
  /// ln P(label | labels before) of every class `[classes]`; what it says of the blank is not used.
  func logarithms(after state: State) -> [Double]
  /// The state after one more label.
  func state(after label: Int32, _ state: State) -> State
}

private struct NoLabelModel: LabelModel {
  func start() {}
  func logarithms(after state: Void) -> [Double] { [] }
  func state(after label: Int32, _ state: Void) {}
}

/// Prefixes as a tree of labels, each with what a language model knows there.
private struct PrefixTree<Model: LabelModel> {
  struct Node {
    let parent: Int
    /// Nil at the root.
    let label: Int32?
    let depth: Int
    /// ln P(prefix) by the language model; 0 without one.
    let languageLogarithm: Double
    var children: [Int32: Int] = [:]
    /// Found when the node first has a child: most never do.
    var known: (state: Model.State, logarithms: [Double])?
  }

  private(set) var nodes = [Node(parent: 0, label: nil, depth: 0, languageLogarithm: 0)]
  private let model: Model?

  init(_ model: Model?) { self.model = model }

  mutating func child(of node: Int, label: Int32) -> Int {
    if let child = nodes[node].children[label] { return child }
    var logarithm = nodes[node].languageLogarithm
    if model != nil {
      know(node)
      logarithm += nodes[node].known?.logarithms[Int(label)] ?? 0
    }
    nodes[node].children[label] = nodes.count
    nodes.append(
      Node(parent: node, label: label, depth: nodes[node].depth + 1, languageLogarithm: logarithm))
    return nodes.count - 1
  }

  private mutating func know(_ node: Int) {
    guard nodes[node].known == nil, let model else { return }
    let state: Model.State
    if let label = nodes[node].label {
      know(nodes[node].parent)
      guard let parent = nodes[nodes[node].parent].known else { return }
      state = model.state(after: label, parent.state)
    } else {
      state = model.start()
    }
    nodes[node].known = (state, model.logarithms(after: state))
  }

  func labels(of node: Int) -> [Int32] {
    var labels: [Int32] = []
    var node = node
    while let label = nodes[node].label {
      labels.append(label)
      node = nodes[node].parent
    }
    return labels.reversed()
  }
}

/// ln(eᵃ + eᵇ).
private func logarithmOfSum(_ a: Double, _ b: Double) -> Double {
  let (less, greater) = a < b ? (a, b) : (b, a)
  return less == -.infinity ? greater : greater + log1p(exp(less - greater))
}

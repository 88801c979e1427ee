import Foundation

/// Decodes the outputs of a model trained with CTC into labels.
package struct AlignmentDecoder: Sendable {
  /// Index of the CTC blank.
  package var blank: Int
  /// Beam width: the number of prefixes kept.
  package var beam: Int
  /// Language-model weight α (shallow fusion).
  package var languageWeight: Double
  /// Insertion bonus β per label; without it a language model favors short texts.
  package var insertionBonus: Double

  package init(blank: Int, beam: Int = 32, languageWeight: Double = 0, insertionBonus: Double = 0) {
    precondition(beam > 0)
    self.blank = blank
    self.beam = beam
    self.languageWeight = languageWeight
    self.insertionBonus = insertionBonus
  }

  /// Labels with their log-probability.
  package struct Hypothesis: Sendable, Equatable {
    package var labels: [Int32]
    /// ln of the sum over the alignments kept by the search.
    package var logProbability: Double
    /// The search score: the log-probability plus language model and bonus.
    package var score: Double
  }

  /// Greedy decoding: the labels of the most probable alignment, which need not be the most probable labels.
  ///
  /// - Parameter logProbabilities: ln y `[steps][classes]`.
  /// - Returns: The labels; `logProbability` is that of the alignment.
  package func greedy(_ logProbabilities: [[Double]]) -> Hypothesis {
    var labels: [Int32] = []
    var previous = blank
    var sum = 0.0
    for step in logProbabilities {
      var best = 0
      for symbol in step.indices where step[symbol] > step[best] { best = symbol }
      sum += step[best]
      if best != blank, best != previous { labels.append(Int32(best)) }
      previous = best
    }
    return Hypothesis(labels: labels, logProbability: sum, score: sum)
  }

  /// Prefix beam search for the most probable labels (Hannun et al. 2014): alignments of the same labels are summed.
  ///
  /// The score of a prefix is ln P(prefix) + α·ln P_language(prefix) + β·labels. Ties are broken in favor of the prefix
  /// found first.
  ///
  /// - Parameters:
  ///   - logProbabilities: ln y `[steps][classes]`.
  ///   - language: A language model; nil for none.
  /// - Returns: The prefixes after the last step, best first.
  package func search<Model: LabelModel>(_ logProbabilities: [[Double]], language: Model?) -> [Hypothesis] {
    var prefixes = PrefixTree(language)
    var kept = [Candidate(node: 0, endsInBlank: 0, endsInLabel: -.infinity)]
    for step in logProbabilities {
      var candidates: [Candidate] = []
      /// Index of each node's candidate.
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
          candidate.endsInBlank = logSumExp(candidate.endsInBlank, total + step[blank])
          if let last {
            candidate.endsInLabel = logSumExp(
              candidate.endsInLabel, prefix.endsInLabel + step[Int(last)])
          }
        }
        for symbol in step.indices where symbol != blank && step[symbol] > -.infinity {
          // Repeating a label needs a blank in between.
          let before = last == Int32(symbol) ? prefix.endsInBlank : total
          if before == -.infinity { continue }
          update(prefixes.child(of: prefix.node, label: Int32(symbol))) { candidate in
            candidate.endsInLabel = logSumExp(candidate.endsInLabel, before + step[symbol])
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
      Hypothesis(labels: prefixes.labels(of: $0.node), logProbability: $0.total, score: $0.score)
    }
  }

  /// Searches without a language model.
  package func search(_ logProbabilities: [[Double]]) -> [Hypothesis] {
    search(logProbabilities, language: NoLabelModel?.none)
  }

  private func score<Model: LabelModel>(_ candidate: Candidate, _ prefixes: PrefixTree<Model>) -> Double {
    let node = prefixes.nodes[candidate.node]
    let language = languageWeight == 0 ? 0 : languageWeight * node.languageLogProbability
    return candidate.total + language + insertionBonus * Double(node.depth)
  }

  /// A prefix at one step.
  private struct Candidate {
    let node: Int
    /// ln of the sum over the alignments that end in a blank, and over those that end in the last label of the prefix.
    var endsInBlank: Double
    var endsInLabel: Double
    var score = 0.0

    var total: Double { logSumExp(endsInBlank, endsInLabel) }
  }
}

/// A language model of labels.
package protocol LabelModel {
  /// State of the language model after some labels.
  associatedtype State
  /// The state before the first label.
  func start() -> State
  /// ln P(label | preceding labels) of every class `[classes]`; the value of the blank is not used.
  func logProbabilities(after state: State) -> [Double]
  /// The state after one more label.
  func state(after label: Int32, _ state: State) -> State
}

private struct NoLabelModel: LabelModel {
  func start() {}
  func logProbabilities(after state: Void) -> [Double] { [] }
  func state(after label: Int32, _ state: Void) {}
}

/// Prefixes as a tree of labels, with the states of a language model.
private struct PrefixTree<Model: LabelModel> {
  struct Node {
    let parent: Int
    /// Nil at the root.
    let label: Int32?
    let depth: Int
    /// ln P(prefix) by the language model; 0 without one.
    let languageLogProbability: Double
    var children: [Int32: Int] = [:]
    /// Computed when the node gets its first child, which most nodes never do.
    var known: (state: Model.State, logProbabilities: [Double])?
  }

  private(set) var nodes = [Node(parent: 0, label: nil, depth: 0, languageLogProbability: 0)]
  private let model: Model?

  init(_ model: Model?) { self.model = model }

  mutating func child(of node: Int, label: Int32) -> Int {
    if let child = nodes[node].children[label] { return child }
    var logProbability = nodes[node].languageLogProbability
    if model != nil {
      know(node)
      logProbability += nodes[node].known?.logProbabilities[Int(label)] ?? 0
    }
    nodes[node].children[label] = nodes.count
    nodes.append(
      Node(parent: node, label: label, depth: nodes[node].depth + 1, languageLogProbability: logProbability))
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
    nodes[node].known = (state, model.logProbabilities(after: state))
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
private func logSumExp(_ a: Double, _ b: Double) -> Double {
  let (less, greater) = a < b ? (a, b) : (b, a)
  return less == -.infinity ? greater : greater + log1p(exp(less - greater))
}

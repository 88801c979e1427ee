import Foundation

/// Beam search for the most probable sequences.
///
/// Sequences are compared by their log-probability divided by a length penalty ((5 + length) / 6)^α, counting the end
/// as a token (Wu et al. 2016, equation 14). The search of a source ends when as many of its sequences are complete as
/// the beam is wide. Ties are broken by the rank of the parent, then by the smaller token, so results do not depend on
/// the number of threads.
public struct BeamSearch: Sendable, Equatable {
  /// Beam width; 1 is greedy decoding.
  public var beam: Int
  /// α of the length penalty.
  public var lengthPenalty: Double
  /// Maximum length in tokens.
  public var maximumLength: Int

  /// - Precondition: All values are positive; the penalty may be 0.
  public init(beam: Int = 5, lengthPenalty: Double = 0.6, maximumLength: Int = 100) {
    precondition(beam > 0 && lengthPenalty >= 0 && maximumLength > 0)
    self.beam = beam
    self.lengthPenalty = lengthPenalty
    self.maximumLength = maximumLength
  }

  /// The search of a configuration.
  package init(_ decoding: DecodingConfiguration) {
    self.init(
      beam: decoding.beam, lengthPenalty: decoding.lengthPenalty, maximumLength: decoding.maximumLength)
  }

  /// The length penalty.
  func penalty(length: Int) -> Double { pow(Double(5 + length) / 6, lengthPenalty) }
}

/// A sequence found by a search.
public struct Hypothesis: Sendable, Equatable {
  /// Its tokens, without the end token.
  public internal(set) var tokens: [Int32] = []
  /// Its log-probability, including the end token if it is complete.
  public internal(set) var logProbability = 0.0
  /// The log-probability divided by the length penalty.
  public internal(set) var score = 0.0
  /// Whether it has an end token, rather than being truncated.
  public internal(set) var isComplete = false
  /// Attention weights of each target step over the source steps, including the end token; empty unless requested.
  public internal(set) var attention: [[Float]] = []

  package init() {}
}

/// The search for the sequences of one source.
struct BeamState {
  private let search: BeamSearch
  private let boundary: Int32
  /// Incomplete sequences, best first.
  private(set) var active = [Hypothesis()]
  private var ended: [Hypothesis] = []

  init(_ search: BeamSearch, boundary: Int32) {
    self.search = search
    self.boundary = boundary
  }

  /// A sequence and a token that extends it.
  struct Extension {
    /// Index of the sequence among the active ones.
    let parent: Int
    let token: Int32
    /// Log-probability of the extended sequence.
    let logProbability: Double
  }

  /// Extends the sequences by one token.
  ///
  /// - Parameters:
  ///   - extensions: The most probable extensions of each active sequence, at least twice the beam width or all.
  ///   - attention: Attention weights of each active sequence in this step; empty if not needed.
  /// - Returns: For each new active sequence, the index of its parent.
  mutating func extend(_ extensions: [Extension], attention: [[Float]]) -> [Int] {
    let ordered = extensions.sorted {
      ($1.logProbability, $0.parent, $0.token) < ($0.logProbability, $1.parent, $1.token)
    }
    var next: [Hypothesis] = []
    var parents: [Int] = []
    for (rank, candidate) in ordered.enumerated() {
      var hypothesis = active[candidate.parent]
      hypothesis.logProbability = candidate.logProbability
      if !attention.isEmpty { hypothesis.attention.append(attention[candidate.parent]) }
      if candidate.token == boundary {
        guard rank < search.beam else { continue }
        hypothesis.isComplete = true
        ended.append(scored(hypothesis, length: hypothesis.tokens.count + 1))
      } else if next.count < search.beam {
        hypothesis.tokens.append(candidate.token)
        next.append(hypothesis)
        parents.append(candidate.parent)
      }
    }
    active = next
    if ended.count >= search.beam { active = [] }
    if let length = active.first?.tokens.count, length >= search.maximumLength {
      if ended.isEmpty { ended = active.map { scored($0, length: length) } }
      active = []
    }
    return active.isEmpty ? [] : parents
  }

  /// The best sequences found, best first, at most the beam width.
  var results: [Hypothesis] {
    let ordered = ended.enumerated().sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }
    return ordered.prefix(search.beam).map(\.element)
  }

  private func scored(_ hypothesis: Hypothesis, length: Int) -> Hypothesis {
    var result = hypothesis
    result.score = hypothesis.logProbability / search.penalty(length: length)
    return result
  }
}

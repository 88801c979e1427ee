import Foundation

/// Search for the likeliest sequences, several at a time from left to right.
///
/// Sequences are compared by their log-probability divided by a length penalty ((5 + length) / 6)^α, the end counted
/// as a token (Wu et al. 2016, equation 14). A source is done when as many of its sequences have ended as the beam is
/// wide. Of equally likely ones those from better sequences, then with smaller tokens, come first, so results do not
/// depend on the number of threads.
public struct BeamSearch: Sendable, Equatable {
  /// Sequences that are extended at the same time; 1 always takes the likeliest token.
  public var beam: Int
  /// α.
  public var lengthPenalty: Double
  /// Tokens after which a sequence is cut off.
  public var maximumLength: Int

  /// - Precondition: All are positive; the penalty may be 0.
  public init(beam: Int = 5, lengthPenalty: Double = 0.6, maximumLength: Int = 100) {
    precondition(beam > 0 && lengthPenalty >= 0 && maximumLength > 0)
    self.beam = beam
    self.lengthPenalty = lengthPenalty
    self.maximumLength = maximumLength
  }

  /// As a configuration has a model write.
  package init(_ decoding: DecodingConfiguration) {
    self.init(
      beam: decoding.beam, lengthPenalty: decoding.lengthPenalty, maximumLength: decoding.maximumLength)
  }

  /// What the log-probability of so many tokens is divided by.
  func penalty(length: Int) -> Double { pow(Double(5 + length) / 6, lengthPenalty) }
}

/// A sequence that a search has found.
public struct Hypothesis: Sendable, Equatable {
  /// Its tokens, without the end.
  public internal(set) var tokens: [Int32] = []
  /// The natural logarithm of its probability, with its end if it has one.
  public internal(set) var logProbability = 0.0
  /// The log-probability divided by the length penalty.
  public internal(set) var score = 0.0
  /// Whether it ended by itself rather than being cut off.
  public internal(set) var isComplete = false
  /// How much each step looked at each step of the source, the end's last; empty unless asked for.
  public internal(set) var attention: [[Float]] = []

  package init() {}
}

/// The search for the sequences of one source.
struct BeamState {
  private let search: BeamSearch
  private let boundary: Int32
  /// Sequences that go on, the likeliest first.
  private(set) var active = [Hypothesis()]
  private var ended: [Hypothesis] = []

  init(_ search: BeamSearch, boundary: Int32) {
    self.search = search
    self.boundary = boundary
  }

  /// A sequence and a token to extend it by.
  struct Extension {
    /// The number of the sequence among the active ones.
    let parent: Int
    let token: Int32
    /// Of the sequence with the token.
    let logProbability: Double
  }

  /// Takes the next tokens.
  ///
  /// - Parameters:
  ///   - extensions: At least twice the beam's likeliest extensions of each active sequence, or all there are.
  ///   - attention: How much each active sequence looks at the source in this step; empty if nobody wants it.
  /// - Returns: For each sequence that goes on, the number of the one that it extends.
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

  /// The best sequences found, the best first: at most as many as the beam is wide.
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

import WeftText

/// What ends a generated text, and which tokens it does not contain.
public struct GenerationLimits: Sendable, Equatable {
  /// Tokens to generate.
  public var length: Int
  /// Texts before which generation stops.
  public var stops: [String]
  /// Whether the token for unknown text may be generated.
  public var allowsUnknown: Bool

  /// Limits of a text of `length` tokens.
  public init(length: Int, stops: [String] = [], allowsUnknown: Bool = false) {
    self.length = length
    self.stops = stops.filter { !$0.isEmpty }
    self.allowsUnknown = allowsUnknown
  }

  /// Tokens of a vocabulary that are not generated.
  func excluded(from vocabulary: Vocabulary) -> Set<Int32> {
    let names =
      [Vocabulary.paddingToken, Vocabulary.beginningToken] + (allowsUnknown ? [] : [Vocabulary.unknownToken])
    let numbers = Set(names.compactMap { vocabulary.number(of: $0) })
    return numbers.count < vocabulary.count ? numbers : []
  }
}

/// Holds back the end of a growing text that may become a stop, and notices when it does.
struct StoppedText {
  private let stops: [[Character]]
  private var pending: [Character] = []
  /// Whether a stop was reached.
  private(set) var isStopped = false

  init(_ stops: [String]) { self.stops = stops.map(Array.init) }

  /// The text that is certain after another piece.
  mutating func append(_ piece: String) -> String {
    if isStopped { return "" }
    if stops.isEmpty { return piece }
    pending += piece
    for start in pending.indices {
      let rest = pending[start...]
      if stops.contains(where: { rest.starts(with: $0) }) {
        isStopped = true
        defer { pending = [] }
        return String(pending[..<start])
      }
      // What follows may complete a stop that begins here.
      if stops.contains(where: { $0.starts(with: rest) }) {
        defer { pending = Array(rest) }
        return String(pending[..<start])
      }
    }
    return takeAll()
  }

  /// The text that was held back.
  mutating func takeAll() -> String {
    defer { pending = [] }
    return String(pending)
  }
}

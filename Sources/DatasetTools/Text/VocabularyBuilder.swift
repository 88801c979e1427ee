import WeftBase
import WeftText

/// Counts characters, words or tokens, and selects the vocabulary.
struct VocabularyBuilder {
  private let options: VocabularyOptions
  /// Counts of the training text.
  private var wordCounts: [TokenKey: Int] = [:]
  private var characterCounts = CharacterCounts()
  /// Those of other text; a character missing in training still needs a token.
  private var otherCounts = CharacterCounts()

  init(_ options: VocabularyOptions) { self.options = options }

  /// Counts a text.
  ///
  /// - Parameter isTraining: Whether the text is training text; other text does not affect frequencies.
  mutating func add(_ text: String, isTraining: Bool) {
    let text = options.converted(text)
    switch options.unit {
    case .character:
      if isTraining { characterCounts.add(text) } else { otherCounts.add(text) }
    case .word:
      guard isTraining else { return }
      for word in WordSegmenter.words(text) { count(TokenKey(word)) }
    case .token:
      guard isTraining else { return }
      for token in WordSegmenter.tokens(text) { count(TokenKey(token)) }
    case .byte: return
    case .subword: preconditionFailure("subwords are found by a trainer of their own")
    }
  }

  /// Counts the words of a training text that is segmented already.
  mutating func add(words: [String]) {
    for word in words { count(TokenKey(options.converted(word)[...])) }
  }

  private mutating func count(_ word: TokenKey, times: Int = 1) {
    if let place = wordCounts.index(forKey: word) {
      wordCounts.values[place] += times
    } else {
      wordCounts[word.detached] = times
    }
  }

  /// Adds what another builder has counted.
  mutating func add(_ other: VocabularyBuilder) {
    for (word, times) in other.wordCounts { count(word, times: times) }
    characterCounts.add(other.characterCounts)
    otherCounts.add(other.otherCounts)
  }

  /// The vocabulary: special tokens, then sorted characters, or words by descending frequency.
  ///
  /// - Parameters:
  ///   - special: Tokens at the start. `<unk>` is added where it is needed.
  ///   - source: The text, for errors.
  /// - Throws: If the training text contains no token.
  func vocabulary(special: [String] = [], of source: String) throws(WeftError) -> Vocabulary {
    switch options.unit {
    case .character: return try characters(special, source)
    case .byte:
      return options.isLowercase
        ? try Vocabulary(tokens: Vocabulary.bytes.tokens, unit: .byte, isLowercase: true) : .bytes
    case .word, .token: return try words(special, source)
    case .subword: preconditionFailure("subwords are found by a trainer of their own")
    }
  }

  private func characters(_ special: [String], _ source: String) throws(WeftError) -> Vocabulary {
    let counts = characterCounts.all
    let ranked = counts.filter { $0.value >= options.count }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    var special = special
    let needsUnknown =
      ranked.count < counts.count || !Set(otherCounts.all.keys).isSubset(of: Set(ranked))
      || ranked.count + special.count > options.size ?? .max
    if needsUnknown, !special.contains(Vocabulary.unknownToken) { special.append(Vocabulary.unknownToken) }
    let kept = ranked.prefix(max((options.size ?? .max) - special.count, 0)).sorted()
    return try make(special, kept.map(String.init), source)
  }

  private func words(_ special: [String], _ source: String) throws(WeftError) -> Vocabulary {
    var special = special
    if !special.contains(Vocabulary.unknownToken) { special.append(Vocabulary.unknownToken) }
    // The text of a corpus may contain them.
    let own = Set(special.map { TokenKey($0[...]) })
    let ranked = wordCounts.filter { $0.value >= options.count && !own.contains($0.key) }.map {
      (text: String($0.key.text), count: $0.value)
    }.sorted {
      $0.count != $1.count ? $0.count > $1.count : $0.text.utf8.lexicographicallyPrecedes($1.text.utf8)
    }
    let kept = ranked.prefix(max((options.size ?? .max) - special.count, 0))
    return try make(special, kept.map(\.text), source)
  }

  private func make(_ special: [String], _ tokens: [String], _ source: String) throws(WeftError) -> Vocabulary
  {
    guard !tokens.isEmpty else {
      if wordCounts.isEmpty, characterCounts.all.isEmpty {
        throw .data("\(source): contains no text for training")
      }
      throw .data(
        "\(source): no \(options.unit.rawValue) occurs \(options.count) times in the training text; lower --minimum-count"
      )
    }
    return try Vocabulary(tokens: special + tokens, unit: options.unit, isLowercase: options.isLowercase)
  }
}

import WeftBase
import WeftText

/// Counts the characters, words or tokens of many texts on all cores.
final class TextCounter {
  private struct Text {
    let text: String
    let isTraining: Bool
  }

  private let options: VocabularyOptions
  /// Builders that no thread uses; as many as were used at a time.
  private let builders: Locked<[VocabularyBuilder]> = Locked([])
  private var waiting: [[Text]] = [[]]
  private var waitingBytes = 0

  /// Bytes of the texts of a part, and the parts that wait until they are counted together. Not more than these are counted at
  /// a time, as each thread then has counts of all words.
  private static let (partBytes, mostParts) = (1 << 18, 16)

  /// - Parameter options: Those of the vocabulary.
  init(_ options: VocabularyOptions) { self.options = options }

  /// Counts a text.
  ///
  /// - Parameter isTraining: Whether the text is training text; other text does not affect frequencies.
  func add(_ text: String, isTraining: Bool) {
    waiting[waiting.count - 1].append(Text(text: text, isTraining: isTraining))
    waitingBytes += text.utf8.count + MemoryLayout<Text>.stride
    if waitingBytes < Self.partBytes { return }
    if waiting.count == Self.mostParts { count() } else { waiting.append([]) }
    waitingBytes = 0
  }

  /// The vocabulary of the texts.
  ///
  /// - Parameters:
  ///   - special: Tokens at the start. `<unk>` is added where it is needed.
  ///   - source: The text, for errors.
  /// - Throws: If the training text contains no token.
  func vocabulary(special: [String] = [], of source: String) throws(WeftError) -> Vocabulary {
    count()
    var all = VocabularyBuilder(options)
    for builder in builders.withLock(\.self) { all.add(builder) }
    return try all.vocabulary(special: special, of: source)
  }

  private func count() {
    let (options, builders) = (options, builders)
    _ = waiting.concurrentMap { texts in
      var builder = builders.withLock { $0.popLast() } ?? VocabularyBuilder(options)
      for text in texts { builder.add(text.text, isTraining: text.isTraining) }
      builders.withLock { $0.append(builder) }
    }
    waiting = [[]]
  }
}

import ArgumentParser
import DatasetTools
import WeftBase
import WeftText

/// Options of a vocabulary.
struct VocabularyArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Token unit: characters, words, tokens (between spaces, of text that is tokenized already), subwords or bytes."
        + " (default: characters; words of texts with classes)"))
  var unit: String?

  @Option(
    help: ArgumentHelp(
      "Maximum number of tokens, including special ones. (default: 8000 for subwords, otherwise no limit)",
      valueName: "n"))
  var vocabularySize: Int?

  @Option(
    help: ArgumentHelp(
      "Characters, words or tokens that occur less often in the training text become <unk>. (default: 2 for"
        + " words and for words with tags, otherwise 1)",
      valueName: "n"))
  var minimumCount: Int?

  @Flag(help: "Convert text to lower case.")
  var lowercase = false

  @Option(help: ArgumentHelp("Subword algorithm: bpe or unigram. (default: bpe)"))
  var algorithm: String?

  /// The first option that is given; nil for none.
  var given: String? {
    if unit != nil { return "--unit" }
    if let sizeOption { return sizeOption }
    return lowercase ? "--lowercase" : algorithm != nil ? "--algorithm" : nil
  }

  /// - Parameter usual: The unit if none is named.
  func options(usual: Vocabulary.Unit = .character) throws(WeftError) -> VocabularyOptions {
    let unit = try namedUnit() ?? usual
    let name = algorithm ?? "bpe"
    guard let algorithm = VocabularyOptions.SubwordAlgorithm(rawValue: name) else {
      throw NearMiss.unknownChoice(name, "algorithm", of: "--algorithm", among: ["bpe", "unigram"])
    }
    if self.algorithm != nil, unit != .subword {
      throw .usage("--algorithm applies to subwords; add --unit subwords")
    }
    if let vocabularySize, vocabularySize < 2 {
      throw .usage("--vocabulary-size must be at least 2, not \(vocabularySize)")
    }
    if let minimumCount, minimumCount < 1 {
      throw .usage("--minimum-count must be at least 1, not \(minimumCount)")
    }
    if unit == .subword, minimumCount != nil {
      throw .usage(
        "--minimum-count applies to characters, words and tokens; use --vocabulary-size for subwords")
    }
    if unit == .byte, let name = sizeOption {
      throw .usage("\(name): the vocabulary of bytes has 256 tokens; remove \(name)")
    }
    var options = VocabularyOptions(unit: unit)
    options.size = vocabularySize
    options.minimumCount = minimumCount
    options.isLowercase = lowercase
    options.algorithm = algorithm
    return options
  }

  /// The option that limits the number of tokens; nil if there is none.
  private var sizeOption: String? {
    vocabularySize != nil ? "--vocabulary-size" : minimumCount != nil ? "--minimum-count" : nil
  }

  /// Checks that the options do not contradict a vocabulary that exists.
  ///
  /// - Parameter path: Its source.
  /// - Throws: A usage error if they do.
  func check(against known: Vocabulary, of path: String) throws(WeftError) {
    if let name = sizeOption ?? (algorithm != nil ? "--algorithm" : nil) {
      throw .usage("\(name) cannot be combined with --vocabulary, which has all tokens; remove \(name)")
    }
    if let unit = try namedUnit(), unit != known.unit {
      throw .usage(
        "--unit \(self.unit ?? ""): the vocabulary of \(path) is of \(known.unit.rawValue)s; remove --unit")
    }
  }

  /// The unit that is named; nil if none is.
  private func namedUnit() throws(WeftError) -> Vocabulary.Unit? {
    guard let unit else { return nil }
    let units: KeyValuePairs<String, Vocabulary.Unit> = [
      "characters": .character, "words": .word, "tokens": .token, "subwords": .subword, "bytes": .byte,
    ]
    guard let found = units.first(where: { $0.key == unit }) else {
      throw NearMiss.unknownChoice(unit, "unit", of: "--unit", among: units.map(\.key))
    }
    return found.value
  }
}

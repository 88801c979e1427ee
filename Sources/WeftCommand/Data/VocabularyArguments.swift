import ArgumentParser
import DatasetTools
import WeftBase
import WeftText

/// How a vocabulary is made.
struct VocabularyArguments: ParsableArguments {
  @Option(help: "What a token is: characters, words or subwords.")
  var unit = "characters"

  @Option(
    help: ArgumentHelp(
      "The greatest number of tokens, special ones included; 8000 subwords, or no limit, if left out.",
      valueName: "n"))
  var vocabularySize: Int?

  @Option(
    help: ArgumentHelp(
      "Characters and words that are rarer in the training text are <unk>; 1 for characters, 2 for words if left out.",
      valueName: "n"))
  var minimumCount: Int?

  @Flag(help: "Make text lower case first.")
  var lowercase = false

  @Option(help: "How subwords are found: bpe or unigram.")
  var algorithm = "bpe"

  func options() throws(WeftError) -> VocabularyOptions {
    let units = ["characters": Vocabulary.Unit.character, "words": .word, "subwords": .subword]
    guard let unit = units[unit] else {
      throw .usage("--unit: '\(unit)' is none of characters, words, subwords")
    }
    guard let algorithm = VocabularyOptions.SubwordAlgorithm(rawValue: algorithm) else {
      throw .usage("--algorithm: '\(algorithm)' is neither bpe nor unigram")
    }
    if let vocabularySize, vocabularySize < 2 {
      throw .usage("--vocabulary-size must be 2 or more, not \(vocabularySize)")
    }
    if let minimumCount, minimumCount < 1 {
      throw .usage("--minimum-count must be 1 or more, not \(minimumCount)")
    }
    if unit == .subword, minimumCount != nil {
      throw .usage("--minimum-count is for characters and words; subwords are limited by --vocabulary-size")
    }
    var options = VocabularyOptions(unit: unit)
    options.size = vocabularySize
    options.minimumCount = minimumCount
    options.isLowercase = lowercase
    options.algorithm = algorithm
    return options
  }
}

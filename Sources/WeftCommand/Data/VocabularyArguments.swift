import ArgumentParser
import DatasetTools
import WeftBase
import WeftText

/// Options of a vocabulary.
struct VocabularyArguments: ParsableArguments {
  @Option(help: "Token unit: characters, words, subwords or bytes.")
  var unit = "characters"

  @Option(
    help: ArgumentHelp(
      "Maximum number of tokens, including special ones. (default: 8000 for subwords, otherwise no limit)",
      valueName: "n"))
  var vocabularySize: Int?

  @Option(
    help: ArgumentHelp(
      "Characters or words that occur less often in the training text become <unk>. (default: 1 for"
        + " characters, 2 for words)",
      valueName: "n"))
  var minimumCount: Int?

  @Flag(help: "Convert text to lower case.")
  var lowercase = false

  @Option(help: "Subword algorithm: bpe or unigram.")
  var algorithm = "bpe"

  func options() throws(WeftError) -> VocabularyOptions {
    let units = [
      "characters": Vocabulary.Unit.character, "words": .word, "subwords": .subword, "bytes": .byte,
    ]
    guard let unit = units[unit] else {
      throw NearMiss.unknownChoice(
        unit, "unit", of: "--unit", among: ["characters", "words", "subwords", "bytes"])
    }
    guard let algorithm = VocabularyOptions.SubwordAlgorithm(rawValue: algorithm) else {
      throw NearMiss.unknownChoice(algorithm, "algorithm", of: "--algorithm", among: ["bpe", "unigram"])
    }
    if let vocabularySize, vocabularySize < 2 {
      throw .usage("--vocabulary-size must be at least 2, not \(vocabularySize)")
    }
    if let minimumCount, minimumCount < 1 {
      throw .usage("--minimum-count must be at least 1, not \(minimumCount)")
    }
    if unit == .subword, minimumCount != nil {
      throw .usage("--minimum-count applies to characters and words; use --vocabulary-size for subwords")
    }
    var options = VocabularyOptions(unit: unit)
    options.size = vocabularySize
    options.minimumCount = minimumCount
    options.isLowercase = lowercase
    options.algorithm = algorithm
    return options
  }
}

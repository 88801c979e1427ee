import ArgumentParser
import DatasetTools
import WeftBase

/// Converts aligned text into pairs of token sequences.
struct DataParallelText: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parallel",
    abstract: "Convert aligned text into pairs of token sequences, for translation.",
    discussion: """
      Give two line-aligned files, or one with a tab between source and target. Test sets of WMT and IWSLT (.sgm, .xml), \
      translation memories (TMX), XLIFF and JSON lines are read as well, also compressed by gzip. Pairs with equal \
      sources go to the same split. A group after a second tab, such as the chapter, keeps all pairs of the group \
      together, too.

      Examples:
        weft data parallel bible.en bible.es --unit subwords --vocabulary-size 4000 --output bible.h5
        weft data parallel train.de train.en --validation dev.de dev.en --test test.de test.en --output news.h5
        weft data parallel de-en.tmx.gz --languages de,en --test newstest-src.de.sgm newstest-ref.en.sgm --output news.h5
      """)

  @Argument(
    help: "Source and target text, one file with both, or a folder with one pair of files.",
    completion: .file())
  var files: [String]

  @Option(
    help: ArgumentHelp(
      "The languages of source and target in a file that names them, such as de,en. (default: as the file says)",
      valueName: "source,target"))
  var languages: String?

  @OptionGroup var vocabulary: VocabularyArguments

  @Flag(help: "Use one vocabulary for both languages.")
  var sharedVocabulary = false

  @Option(
    help: ArgumentHelp(
      "Omit pairs with a side longer than this, in tokens. (default: no limit)", valueName: "n"))
  var maximumLength: Int?

  @OptionGroup var split: SplitOptions
  @OptionGroup var published: PublishedSplitOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let languages = try languages.map { text throws(WeftError) in
      let names = text.split(separator: ",").map(String.init)
      guard names.count == 2, names[0] != names[1] else {
        throw .usage("--languages needs a source and a target, such as de,en, not '\(text)'")
      }
      return names
    }
    let source = try Self.source(files, languages, option: "")
    if let maximumLength, maximumLength < 1 {
      throw WeftError.usage("--maximum-length must be at least 1, not \(maximumLength)")
    }
    var dataset = ParallelTextDataset(source: source, vocabulary: try vocabulary.options())
    dataset.sharesVocabulary = sharedVocabulary
    dataset.maximumLength = maximumLength
    dataset.plan = try split.plan()
    dataset.others = try published.sources { files, option throws(WeftError) in
      try Self.source(files, languages, option: option)
    }
    try output.convert(from: ([source] + dataset.others.map(\.source)).flatMap(\.paths)) {
      var summary = try dataset.write(to: $0, progress: $1)
      if files.count == 1, case .files(let first, let second) = source {
        summary.notes.append("translated from \(first) to \(second)")
      }
      return summary
    }
  }

  /// - Parameter option: The option that names the files, followed by a colon and a space; empty for the arguments.
  private static func source(
    _ files: [String], _ languages: [String]?, option: String
  ) throws(WeftError) -> ParallelSource {
    guard (1...2).contains(files.count) else {
      throw .usage(
        "\(option)give a source and a target file, or one file with both languages, not \(files.count) files")
    }
    return files.count == 2
      ? .files(source: files[0], target: files[1]) : try ParallelSource(path: files[0], languages: languages)
  }
}

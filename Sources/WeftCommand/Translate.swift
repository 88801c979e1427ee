import ArgumentParser
import Foundation
import Weft
import WeftBase
import WeftPlots

/// Translates text with a trained encoder-decoder.
struct Translate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Translate text with a trained encoder-decoder.",
    discussion: """
      Without --text, each line of standard input is translated and printed as soon as it arrives. Unknown words \
      are read as <unk>, with a note.

      Example:
        weft translate runs/verses --text 'in the beginning' --attention map.svg
      """)

  @OptionGroup var trained: TrainedRun

  @Option(help: ArgumentHelp("Text to translate.", valueName: "text"))
  var text: String?

  @OptionGroup var search: SearchOptions

  @Option(
    help: ArgumentHelp(
      "Plot the attention of each target token as SVG; needs --text.", valueName: "file"),
    completion: .file(extensions: ["svg"]))
  var attention: String?

  @OptionGroup var threads: ThreadOptions

  func validate() throws {
    if attention != nil, text == nil { throw WeftError.usage("--attention needs --text") }
  }

  func run() throws {
    let model = try trained.model(threads: threads.count)
    let search = search.search(of: model)
    if let text {
      let translation = try model.translate([text], search: search, wantsAttention: attention != nil)[0]
      note(translation.unknown)
      printText(OutputText.shown(translation.text))
      if let attention {
        guard !translation.source.isEmpty else {
          throw WeftError.failure("--text is empty, so there is no attention to plot")
        }
        try AlignmentMap(translation).write(to: attention)
      }
      return
    }
    // Lines that have arrived are translated together: one from a terminal, many from a file.
    try InputLines.forEachBatch(of: 64) { lines in
      for translation in try model.translate(lines, search: search) {
        note(translation.unknown)
        printText(OutputText.shown(translation.text))
      }
    }
  }

  private func note(_ unknown: [String]) {
    if unknown.isEmpty { return }
    let words = unknown.map { "'\($0)'" }.joined(separator: ", ")
    printNote("not in the vocabulary, read as <unk>: \(words)")
  }
}

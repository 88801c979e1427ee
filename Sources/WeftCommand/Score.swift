import ArgumentParser
import Foundation
import WeftBase
import WeftTraining

/// Scores text with a language model.
struct Score: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score text with a trained language model.",
    discussion: """
      Prints the natural logarithm of the probability of each line and its perplexity per token, and those of the \
      whole text. A line is read after the lines before it, or with --independent after the start of a text.

      Example:
        weft score runs/shakespeare sonnets.txt
      """)

  @OptionGroup var trained: TrainedRun

  @Argument(help: "A UTF-8 text file.", completion: .file())
  var file: String

  @Flag(help: "Read each line as the beginning of a text.")
  var independent = false

  @Flag(help: "Also print each token with the logarithm of its probability.")
  var tokens = false

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Print one JSON object per line instead of text, the last one of the whole text.")
  var json = false

  func run() throws {
    let model = try trained.model(threads: threads.count)
    var (logProbability, count, characters) = (0.0, 0, 0)
    try model.score(linesOf: file, isContinuous: !independent) { line throws(WeftError) in
      logProbability += line.logProbability
      count += line.tokens.count
      characters += line.text.unicodeScalars.count + 1
      printText(json ? object(line) : text(line))
    }
    guard count > 0 else { throw WeftError.failure("\(file): contains no text") }
    let perplexity = exp(-logProbability / Double(count))
    let bits = -logProbability / log(2) / Double(characters)
    if json {
      printText(
        JSONText.object([
          ("log_probability", .number(logProbability)), ("tokens", .integer(count)),
          ("perplexity", .number(perplexity)), ("bits_per_character", .number(bits)),
        ]))
    } else {
      printText(
        String(
          format: "total: log-probability %.3f  perplexity %.3f  %.4f bits/char  %d tokens", logProbability,
          perplexity, bits, count))
    }
  }

  private func text(_ line: ScoredLine) -> String {
    let count = max(line.tokens.count, 1)
    var text =
      String(
        format: "%10.3f  %8.3f  ", line.logProbability, exp(-line.logProbability / Double(count)))
      + line.text.printable()
    if tokens {
      for (token, value) in zip(line.tokens, line.tokenLogProbabilities) {
        text += String(format: "\n%12.3f  ", value) + token.debugDescription
      }
    }
    return text
  }

  private func object(_ line: ScoredLine) -> String {
    let values = line.tokenLogProbabilities.map(NumberText.json).joined(separator: ",")
    let names = line.tokens.map(JSONString.quoted).joined(separator: ",")
    return JSONText.object(
      [
        ("line", .integer(line.number)), ("text", .text(line.text)),
        ("log_probability", .number(line.logProbability)), ("tokens", .integer(line.tokens.count)),
        (
          "perplexity",
          .number(line.tokens.isEmpty ? nil : exp(-line.logProbability / Double(line.tokens.count)))
        ),
      ]
        + (tokens
          ? [("token_texts", .json("[\(names)]")), ("token_log_probabilities", .json("[\(values)]"))] : []))
  }
}

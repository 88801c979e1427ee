import ArgumentParser
import Foundation
import WeftBase
import WeftModels

/// Writes text with a trained language model.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write text with a trained language model.",
    discussion: """
      The same seed gives the same text. With --beam nothing is left to chance: it writes the likeliest text that beam \
      search finds.

      Example:
        weft generate runs/shakespeare --prompt 'Enter ' --temperature 0.8
      """)

  @OptionGroup var trained: TrainedRun

  @Option(help: ArgumentHelp("Text to go on from.", valueName: "text"))
  var prompt = ""

  @Option(help: ArgumentHelp("Tokens to generate: characters for a model of characters.", valueName: "n"))
  var length = 400

  @Option(
    help: ArgumentHelp(
      "Below 1 likely tokens become likelier; 0 always takes the likeliest. Without it, 1.",
      valueName: "number"
    ))
  var temperature: Double?

  @Option(help: ArgumentHelp("Choose among this many of the likeliest tokens only.", valueName: "n"))
  var topK: Int?

  @Option(
    help: ArgumentHelp(
      "Choose among the likeliest tokens whose probabilities add up to this.", valueName: "share"))
  var topP: Double?

  @Option(help: ArgumentHelp("Where the random numbers come from. Without it, 1.", valueName: "n"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Look for the likeliest text as a whole, extending so many at the same time.", valueName: "n"))
  var beam: Int?

  func validate() throws {
    let random = [
      ("--temperature", temperature != nil), ("--top-k", topK != nil), ("--top-p", topP != nil),
      ("--seed", seed != nil),
    ]
    if beam != nil, let other = random.first(where: \.1) {
      throw WeftError.usage("--beam takes the likeliest text, so \(other.0) has no meaning beside it")
    }
  }

  func run() throws {
    let sampling = try Sampling(
      temperature: temperature ?? 1, topK: topK, topP: topP ?? 1, seed: seed ?? 1)
    guard length >= 0 else { throw WeftError.usage("length must be 0 or more, not \(length)") }
    if let beam, beam < 1 { throw WeftError.usage("--beam must be at least 1, not \(beam)") }
    // One sequence cannot keep more than one thread busy.
    let model = try trained.model(threads: 1)
    if let beam {
      write(prompt + (try model.generate(prompt: prompt, length: length, beam: beam)) + "\n")
      return
    }
    // The prompt is shown with the first token, when it is known to be one that the model can go on from.
    var pending = prompt
    try model.generate(prompt: prompt, length: length, sampling: sampling) { token in
      write(pending + token)
      pending = ""
    }
    write(length == 0 ? prompt + "\n" : "\n")
  }

  /// Shows text at once, also before its line is full.
  private func write(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
  }
}

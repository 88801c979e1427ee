import ArgumentParser
import Foundation
import WeftBase
import WeftModels

/// Generates text with a trained language model.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Generate text with a trained language model.",
    discussion: """
      The same seed gives the same text. --beam searches for the most probable text instead of sampling. On a \
      terminal, control characters other than line breaks and tabs are printed as escapes.

      Example:
        weft generate runs/shakespeare --prompt 'Enter ' --temperature 0.8
      """)

  @OptionGroup var trained: TrainedRun

  @Option(help: ArgumentHelp("Prompt.", valueName: "text"))
  var prompt = ""

  @Option(help: ArgumentHelp("Tokens to generate (characters for a character model).", valueName: "n"))
  var length = 400

  @Option(
    help: ArgumentHelp(
      "Sampling temperature: below 1 favors probable tokens, 0 is greedy. (default: 1)",
      valueName: "number"
    ))
  var temperature: Double?

  @Option(help: ArgumentHelp("Sample from the n most probable tokens only. (default: all)", valueName: "n"))
  var topK: Int?

  @Option(
    help: ArgumentHelp(
      "Sample from the most probable tokens whose total probability reaches this. (default: 1)",
      valueName: "share"))
  var topP: Double?

  @Option(help: ArgumentHelp("Random seed. (default: 1)", valueName: "n"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Beam width; searches for the most probable text. (default: sample instead)", valueName: "n"))
  var beam: Int?

  func validate() throws {
    let random = [
      ("--temperature", temperature != nil), ("--top-k", topK != nil), ("--top-p", topP != nil),
      ("--seed", seed != nil),
    ]
    if beam != nil, let other = random.first(where: \.1) {
      throw WeftError.usage("\(other.0) cannot be combined with --beam, which does not sample")
    }
  }

  func run() throws {
    let sampling = try Sampling(
      temperature: temperature ?? 1, topK: topK, topP: topP ?? 1, seed: seed ?? 1)
    guard length >= 0 else { throw WeftError.usage("length must be at least 0, not \(length)") }
    if let beam { try SearchOptions.check(beam: beam) }
    // A single sequence uses only one thread.
    let model = try trained.model(threads: 1)
    if let beam {
      printText(prompt + (try model.generate(prompt: prompt, length: length, beam: beam)))
      return
    }
    // The prompt is printed with the first token, after it has been accepted by the model.
    var pending = prompt
    try model.generate(prompt: prompt, length: length, sampling: sampling) { token in
      printText(OutputText.shown(pending + token), terminator: "")
      pending = ""
    }
    printText(length == 0 ? OutputText.shown(prompt) : "")
  }
}

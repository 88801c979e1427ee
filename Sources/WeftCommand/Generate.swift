import ArgumentParser
import Foundation
import Weft

/// Writes text with a trained language model.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write text with a trained language model.",
    discussion: """
      The same seed gives the same text.

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
      "Below 1 likely tokens become likelier; 0 always takes the likeliest.", valueName: "number"))
  var temperature = 1.0

  @Option(help: ArgumentHelp("Choose among this many of the likeliest tokens only.", valueName: "n"))
  var topK: Int?

  @Option(
    help: ArgumentHelp(
      "Choose among the likeliest tokens whose probabilities add up to this.", valueName: "share"))
  var topP = 1.0

  @Option(help: ArgumentHelp("Where the random numbers come from.", valueName: "n"))
  var seed: UInt64 = 1

  func run() throws {
    let sampling = try Sampling(temperature: temperature, topK: topK, topP: topP, seed: seed)
    guard length >= 0 else { throw WeftError.usage("length must be 0 or more, not \(length)") }
    // One sequence cannot keep more than one thread busy.
    let model = try trained.model(threads: 1)
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

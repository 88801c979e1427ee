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

  @Option(help: ArgumentHelp("Prompt. (default: empty)", valueName: "text"))
  var prompt: String?

  @Option(
    help: ArgumentHelp("A file with the prompt; - for standard input.", valueName: "file"),
    completion: .file())
  var promptFile: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Stop before this text; may be repeated.", valueName: "text"))
  var stop: [String] = []

  @Option(help: ArgumentHelp("Texts to generate, with consecutive seeds.", valueName: "n"))
  var samples = 1

  @Flag(help: "Allow <unk>, the token for text outside the vocabulary.")
  var allowUnknown = false

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

  @Flag(help: "Print one JSON object per text instead of text.")
  var json = false

  func validate() throws {
    if prompt != nil, promptFile != nil {
      throw WeftError.usage("--prompt cannot be combined with --prompt-file")
    }
    if samples < 1 { throw WeftError.usage("--samples must be at least 1, not \(samples)") }
    if beam != nil, samples > 1 { throw WeftError.usage("--beam finds one text; remove --samples") }
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
    let prompt = try promptFile.map { try Self.contents(of: $0) } ?? prompt ?? ""
    let limits = GenerationLimits(length: length, stops: stop, allowsUnknown: allowUnknown)
    if let beam {
      let found = try model.generate(prompt: prompt, limits: limits, beam: beam)
      printText(json ? object(prompt, found, sample: 0) : OutputText.shown(prompt + found))
      return
    }
    for sample in 0..<samples {
      var sampling = sampling
      sampling.seed &+= UInt64(sample)
      if json {
        printText(
          object(
            prompt, try model.generate(prompt: prompt, limits: limits, sampling: sampling), sample: sample))
        continue
      }
      if samples > 1 {
        printText("\(sample == 0 ? "" : "\n")--- sample \(sample + 1) (seed \(sampling.seed))")
      }
      // The prompt is printed with the first token, after it has been accepted by the model.
      var pending = prompt
      try model.generate(prompt: prompt, limits: limits, sampling: sampling) { token in
        printText(OutputText.shown(pending + token), terminator: "")
        pending = ""
      }
      printText(OutputText.shown(pending))
    }
  }

  private func object(_ prompt: String, _ text: String, sample: Int) -> String {
    JSONText.object([("sample", .integer(sample)), ("prompt", .text(prompt)), ("text", .text(text))])
  }

  private static func contents(of path: String) throws(WeftError) -> String {
    if path != "-" { return try TextFile.contents(of: path) }
    return try TextFile.text(Array(FileHandle.standardInput.readDataToEndOfFile()), of: "standard input")
  }
}

import ArgumentParser
import WeftBase
import WeftModels
import WeftTraining

/// How a verb looks for the likeliest sequence.
struct SearchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Sequences that beam search extends at the same time; 1 always takes the likeliest token. Without it,"
        + " decoding.beam of the configuration.", valueName: "n"))
  var beam: Int?

  @Option(
    help: ArgumentHelp(
      "How much longer sequences are favoured; 0 for not at all. Without it, decoding.length_penalty.",
      valueName: "number"))
  var lengthPenalty: Double?

  @Option(
    help: ArgumentHelp(
      "Tokens after which a sequence is cut off. Without it, decoding.maximum_length.", valueName: "n"))
  var maximumLength: Int?

  func validate() throws {
    for (name, value) in [("--beam", beam), ("--maximum-length", maximumLength)] {
      if let value, value < 1 { throw WeftError.usage("\(name) must be at least 1, not \(value)") }
    }
    if let lengthPenalty, !(lengthPenalty >= 0 && lengthPenalty.isFinite) {
      throw WeftError.usage("--length-penalty must be at least 0, not \(lengthPenalty)")
    }
  }

  /// A model's search with what was asked for in place of its own.
  func search(of model: TrainedModel) -> BeamSearch {
    var search = model.search
    if let beam { search.beam = beam }
    if let lengthPenalty { search.lengthPenalty = lengthPenalty }
    if let maximumLength { search.maximumLength = maximumLength }
    return search
  }
}

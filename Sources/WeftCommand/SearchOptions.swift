import ArgumentParser
import WeftBase
import WeftModels
import WeftTraining

/// Beam search options of a subcommand.
struct SearchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Beam width; 1 is greedy decoding. (default: decoding.beam)", valueName: "n"))
  var beam: Int?

  @Option(
    help: ArgumentHelp(
      "Length penalty; larger values favor longer sequences, 0 disables it. (default:"
        + " decoding.length_penalty)",
      valueName: "number"))
  var lengthPenalty: Double?

  @Option(
    help: ArgumentHelp(
      "Maximum length in tokens. (default: decoding.maximum_length)", valueName: "n"))
  var maximumLength: Int?

  /// - Throws: A usage error for an impossible beam width.
  static func check(beam: Int) throws(WeftError) {
    let maximum = DecodingConfiguration.maximumBeam
    guard beam >= 1 else { throw .usage("--beam must be at least 1, not \(beam)") }
    guard beam <= maximum else { throw .usage("--beam must be at most \(maximum), not \(beam)") }
  }

  func validate() throws {
    for (name, value) in [("--maximum-length", maximumLength)] {
      if let value, value < 1 { throw WeftError.usage("\(name) must be at least 1, not \(value)") }
    }
    if let beam { try Self.check(beam: beam) }
    if let lengthPenalty, !(lengthPenalty >= 0 && lengthPenalty.isFinite) {
      throw WeftError.usage("--length-penalty must be at least 0, not \(lengthPenalty)")
    }
  }

  /// A model's search parameters with these options applied.
  func search(of model: TrainedModel) -> BeamSearch {
    var search = model.search
    if let beam { search.beam = beam }
    if let lengthPenalty { search.lengthPenalty = lengthPenalty }
    if let maximumLength { search.maximumLength = maximumLength }
    return search
  }
}

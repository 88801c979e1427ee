import WeftBase
import WeftConfiguration
import WeftTasks

/// A search for hyperparameters.
package struct SweepConfiguration: Equatable, Sendable {
  /// The configuration that all trials start from, relative to the sweep's file.
  package var configuration = ""
  /// Overrides of all trials, such as `training.steps=500`.
  package var overrides: [String] = []
  /// How values are chosen.
  package var search = SearchKind.grid
  /// The keys to search and their values.
  package var parameters = ParameterSpace()
  /// Number of configurations to try; not with `grid`, which tries all.
  package var trials = 20
  /// Seed of the choice of values.
  package var seed: UInt64 = 1
  /// Trainings of each configuration, with the seeds 1, 2, …; they are compared by the mean of their metrics.
  package var seeds = 1
  /// Steps of the first round of `halving`.
  package var minimumSteps = 100
  /// Of `halving`: the best 1/factor of the trials go on for factor times as many steps.
  package var factor = 3

  package init() {}
}

/// How a search chooses values.
package enum SearchKind: String, CaseIterable, Sendable, ConfigurationChoice {
  /// All combinations of listed values.
  case grid
  /// Independent random values.
  case random
  /// Random values, of which the better ones train longer (successive halving, Li et al. 2018).
  case halving
}

extension SweepConfiguration: ConfigurationRoot {
  package static let keys: [ConfigurationKey<SweepConfiguration>] = [
    ConfigurationKey(
      "configuration", \.configuration, required: true,
      "The configuration that all trials start from, relative to the sweep's file."),
    ConfigurationKey("set", \.overrides, "Overrides of all trials, such as `training.steps=500`."),
    ConfigurationKey("search", \.search, "How values are chosen."),
    ConfigurationKey("parameters", \.parameters, required: true, "The keys to search and their values."),
    ConfigurationKey(
      "trials", \.trials, .from(1, atMost: 10000),
      "Number of configurations to try; not with `grid`, which tries all."),
    ConfigurationKey("seed", \.seed, "Seed of the choice of values."),
    ConfigurationKey(
      "seeds", \.seeds, .from(1, atMost: 100),
      "Trainings of each configuration, with the seeds 1, 2, …; they are compared by the mean of their metrics."
    ),
    ConfigurationKey("minimum_steps", \.minimumSteps, .atLeast(1), "Steps of the first round of `halving`."),
    ConfigurationKey(
      "factor", \.factor, .from(2, atMost: 10),
      "Of `halving`: the best 1/factor of the trials go on for factor times as many steps."),
  ]

  package static let documentRules: [ConfigurationRule<SweepConfiguration>] = []

  package static let rules: [ConfigurationRule<SweepConfiguration>] = [
    ConfigurationRule("parameters", "needs at least one key") { $0.parameters.keys.isEmpty },
    ConfigurationRule("parameters", "must be lists with 'search: grid'; a range needs 'random' or 'halving'")
    {
      $0.search == .grid
        && $0.parameters.keys.contains { if case .range = $0.values { true } else { false } }
    },
    ConfigurationRule("parameters", "must not contain 'training.seed'; use 'seeds'") {
      $0.parameters.keys.contains { $0.path == "training.seed" }
    },
    ConfigurationRule(
      "parameters", "must not contain 'training.metric', by which trials are compared; use 'set'"
    ) {
      $0.parameters.keys.contains { $0.path == "training.metric" }
    },
    ConfigurationRule("parameters", "have more than 10000 combinations; use 'search: random'") {
      $0.search == .grid && $0.combinations > 10000
    },
  ]

  /// Combinations of listed values.
  package var combinations: Int {
    parameters.keys.reduce(1) { product, key in
      guard case .choices(let choices) = key.values else { return product }
      let (result, overflow) = product.multipliedReportingOverflow(by: choices.count)
      return overflow ? .max : result
    }
  }

  /// Reads a YAML file; the path of the configuration becomes relative to the working directory.
  ///
  /// - Throws: If the file cannot be read, or a value is not allowed.
  package init(file path: String) throws(WeftError) {
    let yaml = try TextFile.contents(of: path, atMost: 16 << 20)
    self = try ConfigurationDecoder<SweepConfiguration>(yaml: yaml, name: path).configuration()
    if let slash = path.lastIndex(of: "/"), !configuration.hasPrefix("/") {
      configuration = path[...slash] + configuration
    }
  }
}

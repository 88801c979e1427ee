import Foundation

/// Runs `weft` on many damaged files and collects unclean exits.
public final class Campaign: Sendable {
  /// Kind of damaged files.
  public enum Target: String, CaseIterable, Sendable {
    case datasets, checkpoints, configurations
    /// Networks of other programs: Keras, PyTorch, safetensors, ONNX and HDF5.
    case models
    /// NumPy's arrays and archives of them.
    case arrays
    /// Separated values and the archives' series.
    case tables
    /// Files of MATLAB, and sparse matrices and DataFrames in HDF5.
    case hierarchies
    /// Translation memories and other pairs of texts.
    case translations
    /// Sounds and images.
    case media
    /// Subword models, within a network's vocabulary.
    case subwords
    /// A run's metrics, times, gradients and events.
    case logs

    /// The kind of a file by its name.
    init(of name: String) {
      let suffix = name.split(separator: ".").last.map(String.init) ?? ""
      switch suffix {
      case "yaml": self = .configurations
      case "jsonl", "events": self = .logs
      case "npy", "npz", FormatSeeds.images: self = .arrays
      case "csv", "ts", "tsf", "arff": self = .tables
      case "mat": self = .hierarchies
      case "tmx", "xlf", "json": self = .translations
      case "onnx", "pt", "pth", "ckpt", "bin", "keras": self = .models
      case "safetensors": self = name.hasPrefix("subwords") ? .subwords : .models
      case "h5":
        self =
          name.contains("-checkpoint-")
          ? .checkpoints
          : FormatSeeds.isModel(name)
            ? .models : ["sparse", "frames"].contains { name.hasPrefix($0) } ? .hierarchies : .datasets
      default: self = .media
      }
    }

    /// Whether the files are those of ``FormatSeeds``.
    var hasFormats: Bool { ![.datasets, .checkpoints, .configurations].contains(self) }
  }

  /// A file that did not end in success or one clean error.
  public struct Find: Sendable, CustomStringConvertible {
    /// The file's name.
    public let name: String
    /// Command run on it.
    public let command: String
    /// Outcome.
    public let complaint: String
    let bytes: [UInt8]

    /// All of it in one line.
    public var description: String { "\(name): \(command): \(complaint)" }
  }

  /// How the runs of a campaign ended.
  public struct Outcome: Sendable {
    /// Files that were tried.
    public internal(set) var files = 0
    /// Processes that were run on them.
    public internal(set) var runs = 0
    /// Runs that succeeded with a damaged file.
    public internal(set) var successes = 0
    /// Failures.
    public internal(set) var finds: [Find] = []
    /// Failure of the latest file; nil for none.
    public internal(set) var latest: Find?
  }

  let program: String
  let corpus: Corpus
  private let scratch: String
  /// Runs made with every seed: `KIND/checkpoint-000000002.h5` and more.
  let runs: String
  private let formats: FormatSeeds
  private let checkpoints: [Corpus.Item]
  private let configurations: [Corpus.Item]

  /// Address space of a process: about ten times the needs of these small files.
  private static let addressSpace = 1 << 30
  /// Memory of a process; a configuration may ask for a model as large as the address space.
  private static let memory = 200 << 20
  /// Far more than the milliseconds needed, because the machine may be busy.
  private static let timeout = 120.0

  /// Trains on valid datasets to create checkpoints to damage.
  ///
  /// - Parameters:
  ///   - program: the path of `weft`.
  ///   - scratch: a folder for the campaign's files, which the caller removes.
  public init(_ program: String, _ corpus: Corpus, scratch: String) throws {
    self.program = program
    self.corpus = corpus
    self.scratch = scratch
    runs = "\(scratch)/runs"
    try FileManager.default.createDirectory(atPath: runs, withIntermediateDirectories: true)
    var checkpoints: [Corpus.Item] = []
    var configurations: [Corpus.Item] = []
    for seed in corpus.seeds where seed.name == "\(seed.kind).h5" {
      let result = try BoundedProcess(
        program,
        [
          "train", corpus.configuration(seed.kind), "--output", "\(runs)/\(seed.kind)", "--set",
          "data.file=\(corpus.folder)/Seeds/\(seed.name)", "--set", "training.gradient_flow_every=1",
        ], in: scratch, addressSpace: Self.addressSpace, timeout: 600)
      guard result.ending == .exited(0) else { throw Failure(text: "\(seed.name): \(result.errors)") }
      func item(_ path: String, _ name: String) throws -> Corpus.Item {
        Corpus.Item(name: name, bytes: try Array(Data(contentsOf: URL(filePath: path))))
      }
      checkpoints.append(try item("\(runs)/\(seed.kind)/checkpoint-000000002.h5", "\(seed.kind).h5"))
      configurations.append(try item(corpus.configuration(seed.kind), "\(seed.kind).yaml"))
      configurations.append(try item("\(runs)/\(seed.kind)/configuration.yaml", "\(seed.kind)-whole.yaml"))
    }
    self.checkpoints = checkpoints
    self.configurations = configurations
    formats = try FormatSeeds(program, corpus, runs: runs, scratch: scratch)
  }

  struct Failure: Error, CustomStringConvertible {
    let text: String
    var description: String { text }
  }

  /// Damages `count` files, starting at index `first`, and runs the program on each.
  ///
  /// - Parameter onFile: called after each with the outcome so far.
  public func run(
    _ target: Target, seed: UInt64, first: Int = 0, count: Int, jobs: Int,
    onFile: @Sendable (Outcome) -> Void = { _ in }
  ) -> Outcome {
    let items = self.items(target)
    let mutations = items.map { item -> (inout RandomNumbers, [UInt8]) -> [UInt8] in
      if target == .configurations { return TextMutation(item.bytes).mutant }
      if target.hasFormats {
        return { random, _ in FormatMutation.changed(item.bytes, name: item.name, &random) }
      }
      return ByteMutation(item.bytes).mutant
    }
    // Closures over values alone.
    nonisolated(unsafe) let mutants = mutations
    return run(count, jobs, onFile) { index in
      let number = first + index
      var random = RandomNumbers(kind: target.rawValue, seed: seed, number: number)
      let choice = random.below(items.count)
      let bytes = mutants[choice](&random, random.pick(items).bytes)
      let suffix = items[choice].suffix
      return (target, Corpus.Item(name: "\(items[choice].kind)-\(seed)-\(number).\(suffix)", bytes: bytes))
    }
  }

  /// Runs the program on the corpus's hostile files unchanged.
  public func runHostileFiles(jobs: Int) -> Outcome { run(corpus.hostile, jobs: jobs) }

  /// Runs the program on the files of a folder unchanged.
  public func runFiles(in folder: String, jobs: Int, onFile: @Sendable (Outcome) -> Void = { _ in }) throws
    -> Outcome
  {
    run(try Corpus.items(in: folder, FormatSeeds.suffixes), jobs: jobs, onFile)
  }

  private func run(
    _ items: [Corpus.Item], jobs: Int, _ onFile: @Sendable (Outcome) -> Void = { _ in }
  ) -> Outcome {
    run(items.count, jobs, onFile) { index in
      (Target(of: items[index].name), items[index])
    }
  }

  private func items(_ target: Target) -> [Corpus.Item] {
    switch target {
    case .datasets:
      corpus.seeds + corpus.hostile.filter { $0.name.hasSuffix(".h5") && $0.bytes.count < 20_000 }
    case .checkpoints: checkpoints
    case .configurations: configurations
    case .models, .arrays, .tables, .hierarchies, .translations, .media, .subwords, .logs:
      formats.items[target] ?? []
    }
  }

  private func run(
    _ count: Int, _ jobs: Int, _ onFile: @Sendable (Outcome) -> Void,
    file: @Sendable (Int) -> (Target, Corpus.Item)
  ) -> Outcome {
    let lock = NSLock()
    nonisolated(unsafe) var next = 0
    nonisolated(unsafe) var outcome = Outcome()
    DispatchQueue.concurrentPerform(iterations: jobs) { _ in
      while true {
        let index = lock.withLock {
          defer { next += 1 }
          return next
        }
        if index >= count { return }
        let (target, item) = file(index)
        let results = results(target, item)
        lock.withLock {
          outcome.files += 1
          outcome.runs += results.count
          outcome.successes += results.count { $0.isSuccess }
          outcome.latest = nil
          if let bad = results.first(where: { $0.complaint != nil }), let complaint = bad.complaint {
            let find = Find(name: item.name, command: bad.command, complaint: complaint, bytes: item.bytes)
            outcome.finds.append(find)
            outcome.latest = find
          }
          onFile(outcome)
        }
      }
    }
    return outcome
  }

  private struct Result {
    let command: String
    let isSuccess: Bool
    let complaint: String?
  }

  /// All commands of `weft` for such a file.
  private func results(_ target: Target, _ item: Corpus.Item) -> [Result] {
    let folder = "\(scratch)/case-\(UUID())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do {
      try FileManager.default.createDirectory(atPath: "\(folder)/run", withIntermediateDirectories: true)
      let file = "\(folder)/\(item.name)"
      try Data(item.bytes).write(to: URL(filePath: file))
      return try commands(target, item, file, folder).map { arguments in
        let process = try BoundedProcess(
          program, arguments, in: folder, addressSpace: Self.addressSpace, timeout: Self.timeout)
        return Result(
          command: arguments.joined(separator: " "), isSuccess: process.ending == .exited(0),
          complaint: process.complaint(
            memory: target == .configurations || target.hasFormats ? Self.addressSpace : Self.memory))
      }
    } catch {
      return [Result(command: "fuzzer", isSuccess: false, complaint: "\(error)")]
    }
  }
}

extension Campaign.Find {
  /// Keeps the file for inspection or for the corpus.
  public func save(in folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)"))
  }
}

import Foundation

/// Valid files of every format that the program reads, besides HDF5 and configurations: the fixtures of the modules'
/// tests, and what the program itself writes.
struct FormatSeeds: Sendable {
  /// The files of each kind.
  private(set) var items: [Campaign.Target: [Corpus.Item]] = [:]

  /// Extensions of all files.
  static let suffixes =
    [
      "h5", "yaml", "onnx", "safetensors", "npy", "npz", "csv", "ts", "tsf", "arff", "png", "jpg", "wav",
      "flac", "ogg", "jsonl", "events", "mat", "tmx", "xlf", "json", images,
    ] + saved

  /// Extension of arrays of the kind of MNIST.
  static let images = "idx3-ubyte"

  /// Extensions of files of PyTorch and Keras that are archives or pickles.
  private static let saved = ["pt", "pth", "ckpt", "bin", "keras"]

  /// The folder of an ONNX model whose weights are in a file beside it.
  static func external(_ corpus: Corpus) -> String {
    URL(filePath: corpus.folder).deletingLastPathComponent().deletingLastPathComponent().appending(
      path: "InterchangeTests/Fixtures/onnx/lstm-2-64"
    ).path
  }

  /// Whether an HDF5 file is a network of another program, by its name.
  static func isModel(_ name: String) -> Bool { ["keras", "pytorch"].contains { name.hasPrefix($0) } }

  private static let text = String(repeating: "the cat sat on the mat; a cat is not a mat.\n", count: 40)

  /// - Parameter runs: Runs of every kind of dataset.
  init(_ program: String, _ corpus: Corpus, runs: String, scratch: String) throws {
    let tests = URL(filePath: corpus.folder).deletingLastPathComponent().deletingLastPathComponent().path
    func run(_ arguments: [String]) throws {
      let result = try BoundedProcess(program, arguments, in: scratch, addressSpace: 4 << 30, timeout: 600)
      guard result.ending == .exited(0) else {
        throw Campaign.Failure(text: "\(arguments.joined(separator: " ")): \(result.errors)")
      }
    }
    func fixtures(_ module: String, _ suffixes: [String], _ folder: String = "") throws -> [Corpus.Item] {
      try Corpus.items(in: "\(tests)/\(module)Tests/Fixtures\(folder)", suffixes).filter {
        $0.name != "expected.h5"
      }
    }
    func item(_ name: String, _ path: String) throws -> Corpus.Item {
      Corpus.Item(name: name, bytes: try Array(Data(contentsOf: URL(filePath: path))))
    }
    items[.models] =
      try fixtures("Interchange", ["h5", "onnx", "safetensors"], "/models")
      + fixtures("Interchange", Self.saved, "/files")
      + fixtures("Interchange", ["onnx"], "/graphs").filter { $0.name.contains("-old") }
    items[.models]?.append(try item("external.onnx", "\(Self.external(corpus))/m.onnx"))
    for (format, name) in [("keras", "keras-own.h5"), ("onnx", "own.onnx")] {
      try run(["export", "\(runs)/text", "\(scratch)/\(name)", "--to", format])
      items[.models]?.append(try item(name, "\(scratch)/\(name)"))
    }
    items[.arrays] =
      try fixtures("DatasetTools", ["npy", "npz"]) + fixtures("DatasetTools", ["npy", "npz"], "/Sparse")
      + [Corpus.Item(name: "train-images.\(Self.images)", bytes: SmallFiles.images)]
    items[.tables] =
      try fixtures("DatasetTools", ["ts", "arff"]) + SmallFiles.tables
    items[.hierarchies] =
      try fixtures("DatasetTools", ["mat"], "/MATLAB") + fixtures("DatasetTools", ["h5"], "/Sparse")
      + fixtures("DatasetTools", ["h5"], "/Pandas").filter { $0.name.hasPrefix("frames") }
    items[.translations] = SmallFiles.translations
    items[.media] = try fixtures("Media", ["png", "jpg", "wav", "flac", "ogg"])

    let (words, folder) = ("\(scratch)/words", "\(scratch)/subwords")
    try Data(Self.text.utf8).write(to: URL(filePath: "\(words).txt"))
    for algorithm in ["bpe", "unigram"] {
      let name = "subwords-\(algorithm)"
      try run([
        "data", "text", "\(words).txt", "--unit", "subwords", "--vocabulary-size", "300", "--algorithm",
        algorithm,
        "--output", "\(words)-\(algorithm).h5",
      ])
      try run([
        "train", corpus.configuration("text"), "--output", "\(folder)-\(algorithm)", "--set",
        "data.file=\(words)-\(algorithm).h5", "--set", "model.cell=lstm",
      ])
      try run(["export", "\(folder)-\(algorithm)", "\(scratch)/\(name).safetensors", "--to", "safetensors"])
      items[.subwords, default: []].append(try item("\(name).safetensors", "\(scratch)/\(name).safetensors"))
    }

    let log = "\(runs)/text"
    items[.logs] = try ["metrics", "times", "gradients"].map { try item("\($0).jsonl", "\(log)/\($0).jsonl") }
    for name in try FileManager.default.contentsOfDirectory(atPath: log) where name.hasPrefix("events.") {
      items[.logs]?.append(try item("events.events", "\(log)/\(name)"))
    }
  }
}

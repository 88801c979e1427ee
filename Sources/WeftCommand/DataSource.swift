import DatasetTools
import Foundation
import HDF5
import WeftBase
import WeftData
import WeftTasks

/// A file that is given in place of a configuration.
enum DataSource {
  private static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Whether a path names an HDF5 file, by its first bytes or, if it cannot be read, its name.
  static func isDataset(_ path: String) -> Bool {
    if let file = try? RegularFile(path), let bytes = try? file.read(at: 0, count: signature.count) {
      // MATLAB writes text before it.
      return bytes == signature || HDF5.File.isHDF5(path)
    }
    return ["h5", "hdf5", "he5"].contains(PathParts.ending(of: path).lowercased())
  }

  /// The configuration for a dataset, with what the data are.
  ///
  /// - Parameters:
  ///   - name: The dataset, as the configuration names it; nil for `path`.
  ///   - task: What to learn, a ``RecipeTask``; nil for what the data suggest.
  ///   - overrides: Assignments of keys, of which some decide what the data leave open.
  /// - Throws: If the dataset cannot be read or understood, or the task does not suit it.
  static func recipe(
    for path: String, named name: String? = nil, task: String?, overrides: [String],
    progress: ProgressReporter?
  ) throws(WeftError) -> (recipe: ConfigurationRecipe, facts: DatasetFacts) {
    let wanted = try task.map { name throws(WeftError) in
      guard let task = RecipeTask(rawValue: name) else {
        throw NearMiss.unknownChoice(name, "task", of: "--task", among: RecipeTask.allCases.map(\.rawValue))
      }
      return task
    }
    if wanted == .regression { try DatasetFile.checkTargetsAreNumbers(in: path, split: "train") }
    let facts: DatasetFacts
    do throws(WeftError) {
      let settings = try Configuration(
        yaml: "{data: {file: data}, model: {cell: lstm, hidden: 1}, training: {epochs: 1}}", name: "--set",
        overrides: overrides.filter { deciding.contains(String($0.prefix { $0 != "=" })) })
      facts = try DatasetFacts(path, settings: settings.data, progress: progress ?? ProgressReporter())
    } catch {
      progress?.finish()
      throw error
    }
    progress?.finish()
    return (try ConfigurationRecipe(facts, path: name ?? path, task: wanted), facts)
  }

  /// Keys that decide how data are understood.
  private static let deciding: Set<String> = ["data.format", "data.vocabulary_size", "data.padding"]

  /// Rejects files of other formats, with the command that converts them.
  ///
  /// - Throws: If a file is neither HDF5 nor, by its name, a configuration.
  static func checkIsConverted(_ path: String) throws(WeftError) {
    guard let kind = kind(of: path) else { return }
    guard OutputFile.exists(path) else { throw .failure("\(path): no such file or folder") }
    // Any name may be that of a configuration.
    if kind.command == "text", (try? ConfigurationText.isConfiguration(path)) == true { return }
    if let list = kind.list {
      throw .usage(
        "\(path): is \(kind.name), not an HDF5 dataset; write lines of PATH, a tab and its text in \(list).tsv, and run:"
          + " weft data \(kind.command) \(list).tsv --output \(list).h5 && weft train \(list).h5")
    }
    let (command, output) = conversion(of: path, kind)
    throw .usage(
      "\(path): is \(kind.name), not an HDF5 dataset; run: \(command) && weft train \(output)")
  }

  /// What follows the error of a file that is not HDF5 but can be converted; empty for others.
  static func conversionAdvice(_ path: String) -> String {
    guard let kind = kind(of: path), kind.list == nil, kind.command != "text" else { return "" }
    let command = conversion(of: path, kind).command.replacing(" --split 0.8,0.1,0.1", with: "")
    return "; it is \(kind.name), which becomes one by \(command)"
  }

  private typealias Kind = (endings: [String], name: String, command: String, options: String, list: String?)

  private static func inner(_ path: String) -> String {
    let name = PathParts.name(of: path).lowercased()
    return name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
  }

  private static func kind(of path: String) -> Kind? {
    let inner = inner(path)
    return kinds.first { $0.endings.contains { inner.hasSuffix(".\($0)") } }
  }

  /// The command that converts a file, and the file that it writes.
  private static func conversion(of path: String, _ kind: Kind) -> (command: String, output: String) {
    let stem = PathParts.stem(of: PathParts.stem(of: inner(path)))
    let output = "\(stem.isEmpty ? "data" : stem).h5".shellQuoted
    let options = kind.command == "table" ? TableColumns.options(of: path) : kind.options
    return ("weft data \(kind.command) \(path.shellQuoted) \(options)--output \(output)", output)
  }

  /// Formats that `weft data` converts; those that it reads with texts have the name of a list of them.
  private static let kinds: [Kind] =
    [
      (["csv", "tsv"], "a table", "table", "", nil),
      (["txt", "text", "md"], "a text", "text", "--split 0.9,0.05,0.05 ", nil),
      (["jsonl", "ndjson"], "JSON lines", "text", "--text-field text --label-field label ", nil),
      (["conll", "conllu"], "tagged text", "text", "", nil),
      (["npy", "npz"], "of NumPy", "numpy", "--name X=inputs --name y=targets ", nil),
      (["ts", "arff", "tsf"], "an archive of series", "ts", "", nil),
      (["wav", "flac", "ogg", "mp3"], "a recording", "audio", "", "clips"),
      (["png", "jpg", "jpeg"], "a picture", "images", "", "pictures"),
    ]
}

/// Whether a text is a configuration.
private enum ConfigurationText {
  static func isConfiguration(_ path: String) throws -> Bool {
    let text = try TextFile.contents(of: path, atMost: 1 << 20)
    let first = text.split(whereSeparator: \.isNewline).first {
      !$0.hasPrefix("#") && !$0.allSatisfy(\.isWhitespace)
    }
    return first?.wholeMatch(of: /[a-z]+:\s*(?:#.*)?/) != nil
  }
}

/// What the first two lines of a table tell about its columns.
private enum TableColumns {
  /// The options that name its columns.
  static func options(of path: String) -> String {
    let unknown = "--inputs COLUMNS --split 0.8,0.1,0.1 "
    guard !path.hasSuffix(".gz"), let file = try? RegularFile(path),
      let bytes = try? file.read(at: 0, count: 1 << 16),
      let text = String(validating: bytes.prefix(bytes.lastIndex(of: 10) ?? bytes.count), as: UTF8.self)
    else { return unknown }
    let lines = text.split(whereSeparator: \.isNewline).prefix(2)
    guard lines.count == 2, !lines[0].contains("\"") else { return unknown }
    let separator: Character = path.hasSuffix(".tsv") ? "\t" : lines[0].contains(",") ? "," : ";"
    let names = lines[0].split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    let values = lines[1].split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    guard names.count == values.count, names.count <= 50, names.allSatisfy({ !$0.isEmpty }) else {
      return unknown
    }
    let times = names.indices.filter { values[$0].contains(/^\d{4}-\d\d-\d\d/) }
    let inputs = names.indices.filter { !times.contains($0) && Double(values[$0]) != nil }
    guard !inputs.isEmpty else { return unknown }
    let time = times.first.map { "--time \(names[$0].shellQuoted) " } ?? ""
    let other = separator == ";" ? "--separator ';' " : ""
    return "--inputs \(inputs.map { names[$0] }.joined(separator: ",").shellQuoted) \(time)\(other)"
      + "--split 0.8,0.1,0.1 "
  }
}

import HDF5
import WeftBase
import WeftData

/// What the reader of other organisations did without being asked, for the summary.
final class HierarchyNotes {
  private var skipped: (count: Int, names: [String]) = (0, [])
  private var packings: [(text: String, path: String, count: Int)] = []
  private var unapplied: [(text: String, path: String, count: Int)] = []
  /// Sequences whose steps at the end were all missing.
  var cutCount = 0
  /// Targets that are missing and have become −1.
  var missingTargetCount = 0
  /// Sequences that are in no list of a split.
  var unlistedCount = 0
  private var inputs = ""
  /// Gives what references lead to the names by which users know it, in the file that is read.
  var named: (String) -> String = { $0 }
  /// Whole lines.
  private var others: [String] = []
  private var kinds: Set<String> = []

  /// Notes groups that lack the inputs.
  func skip(_ names: [String], without inputs: String) {
    skipped.count += names.count
    skipped.names += names.prefix(5 - min(5, skipped.names.count))
    self.inputs = inputs
  }

  /// Adds a line, once.
  func add(_ line: String) {
    let line = named(line)
    if !others.contains(line), others.count < 20 { others.append(line) }
  }

  /// Adds a line, unless one of its kind was added.
  func addOnce(_ kind: String, _ line: String) {
    if kinds.insert(kind).inserted { add(line) }
  }

  /// What the numbers of a dataset mean, which is noted.
  ///
  /// - Throws: If its attributes are not what the conventions say.
  func packedValues(of dataset: Dataset) throws -> PackedValues? {
    if let note = try UnappliedScale.note(of: dataset) ?? BitPatterns.note(of: dataset) {
      if let place = unapplied.firstIndex(where: { $0.text == note }) {
        unapplied[place].count += 1
      } else if unapplied.count < 100 {
        unapplied.append((note, named(dataset.path), 1))
      }
    }
    guard let packed = try PackedValues(of: dataset, in: dataset.file) else { return nil }
    let text = packed.summary
    if let place = packings.firstIndex(where: { $0.text == text }) {
      packings[place].count += 1
    } else if packings.count < 100 {
      packings.append((text, named(dataset.path), 1))
    }
    return packed
  }

  /// One line each.
  var lines: [String] {
    var lines = others
    if skipped.count > 0 {
      let more = skipped.count > skipped.names.count ? ", …" : ""
      lines.append(
        "\(skipped.count) \(skipped.count == 1 ? "group" : "groups") without '\(inputs)' skipped:"
          + " \(skipped.names.joined(separator: ", "))\(more)")
    }
    for scale in packings.prefix(3) + unapplied.prefix(3) {
      let more = scale.count > 1 ? " and \(scale.count - 1) more" : ""
      lines.append("\(scale.path)\(more): \(scale.text)")
    }
    if unapplied.count > 3 { lines.append("\(unapplied.count - 3) or more others are not applied, either") }
    if packings.count > 3 { lines.append("\(packings.count - 3) or more other scales of other datasets") }
    if unlistedCount > 0 {
      lines.append(
        "\(unlistedCount) \(unlistedCount == 1 ? "sequence is" : "sequences are") in none of the lists, and left out"
      )
    }
    if cutCount > 0 {
      lines.append(
        "missing steps cut from the end of \(cutCount) \(cutCount == 1 ? "sequence" : "sequences")")
    }
    if missingTargetCount > 0 {
      lines.append(
        missingTargetCount == 1
          ? "1 missing target is −1, which training ignores"
          : "\(missingTargetCount) missing targets are −1, which training ignores")
    }
    return lines
  }
}

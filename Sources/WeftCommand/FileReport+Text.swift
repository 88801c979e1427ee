import Foundation
import WeftBase

extension FileReport {
  /// The report as text: one line per object, followed by its attributes.
  var text: String {
    var lines = ["\(file): \(Self.size(bytes))"]
    lines += attributes.map { Self.line($0, indentation: 2) }
    // What the cells of MATLAB refer to has no names of its own.
    let hidden = objects.count { $0.path.hasPrefix(Self.references) && $0.damage == nil }
    let objects =
      hidden > Self.most
      ? objects.filter { !$0.path.hasPrefix(Self.references) || $0.damage != nil } : objects
    let names = objects.map { $0.path + ($0.kind == "group" ? "/" : "") }
    // Only lines with longer names are shifted to the right.
    let width = min(60, names.map(\.count).max() ?? 0)
    for (name, object) in zip(names, objects) {
      let padding = String(repeating: " ", count: max(0, width - name.count))
      lines.append("\(name)\(padding)  \(Self.summary(object))".trimmingCharacters(in: .whitespaces))
      // Dimension labels are already shown after the shape.
      let attributes = object.attributes.filter { $0.name != "DIMENSION_LABELS" }
      lines += attributes.map { Self.line($0, indentation: 4) }
      if let note = object.note { lines.append("    \(note)") }
    }
    if objects.count < self.objects.count {
      lines.append("\(Self.references)  \(hidden) objects that cells of MATLAB refer to; --json lists them")
    }
    lines.append(Self.verdict(self.objects))
    return lines.map { $0.printable() + "\n" }.joined()
  }

  private static let references = "/#refs#/"
  /// Objects that references lead to, of which more are not listed.
  private static let most = 8

  private static func line(_ value: NamedValue, indentation: Int) -> String {
    String(repeating: " ", count: indentation) + "\(value.name) = \(value.value)"
  }

  private static func summary(_ object: Object) -> String {
    var parts: [String] = []
    if let contents = object.dataset {
      parts.append("\(contents.type) \(contents.shape.isEmpty ? "scalar" : "\(contents.shape)")")
      if let labels = contents.dimensions { parts.append("by \(labels.joined(separator: ", "))") }
      if let shape = contents.chunkShape, let count = contents.chunks {
        parts.append("\(count) chunk\(count == 1 ? "" : "s") of \(shape)")
      }
      if !contents.filters.isEmpty { parts.append(contents.filters.joined(separator: " ")) }
      parts.append(sizes(contents))
    } else if object.kind == "link" {
      parts.append("→ \(object.target ?? "?")")
    } else if object.kind != "group" {
      parts.append(object.kind)
    }
    if object.damage != nil { parts.append("DAMAGED") }
    return parts.joined(separator: "  ")
  }

  private static func sizes(_ contents: Contents) -> String {
    let stored = size(contents.storedBytes)
    guard contents.chunkShape != nil, let values = contents.valueBytes.map(size), values != stored else {
      return stored
    }
    return "\(stored) of \(values)"
  }

  private static func verdict(_ objects: [Object]) -> String {
    let datasets = objects.compactMap(\.dataset)
    let checked = datasets.count { $0.hasChecksums }
    let damaged = objects.count { $0.damage != nil }
    let count = "\(datasets.count) dataset\(datasets.count == 1 ? "" : "s")"
    return damaged == 0
      ? "intact: \(count) read completely, \(checked) with checksums"
      : "damaged: \(damaged) of \(objects.count) objects"
  }

  /// In the largest unit that gives at least 1.
  private static func size(_ bytes: Int) -> String {
    var value = Double(bytes)
    for unit in ["B", "KiB", "MiB", "GiB"] {
      if value < 1024 { return unit == "B" ? "\(bytes) B" : String(format: "%.1f \(unit)", value) }
      value /= 1024
    }
    return String(format: "%.1f TiB", value)
  }
}

import Foundation
import HDF5
import WeftBase
import WeftData

/// What the references of a file lead to, and the texts of MATLAB.
final class SourceObjects {
  let file: File
  private var known: ReferencedObjects?
  /// The paths that the elements of arrays of references lead to.
  private var elements: [String: [String?]] = [:]
  /// The array of references, and the number in it from 1, that leads to a path.
  private var places: [String: (path: String, number: Int)] = [:]

  init(_ file: File) { self.file = file }

  /// The datasets that an array of references leads to, in row-major order.
  ///
  /// - Throws: If one leads to something else.
  func cells(of dataset: Dataset) throws -> [Dataset] {
    try paths(of: dataset).enumerated().map { index, path in
      guard let path else {
        throw WeftError.data("\(dataset.file): dataset \(dataset.path): element \(index) refers to nothing")
      }
      if let group = try? file.group(path) {
        let names = try group.children.prefix(12).map(\.name).joined(separator: ", ")
        throw WeftError.data(
          "\(dataset.file): dataset \(dataset.path): element \(index) is a structure or group of \(names); name what is in"
            + " each, as '\(dataset.path)/{}/NAME'")
      }
      return try file.dataset(path)
    }
  }

  /// The paths that an array of references leads to.
  private func paths(of dataset: Dataset) throws -> [String?] {
    if let found = elements[dataset.path] { return found }
    let objects = try known ?? ReferencedObjects(in: file)
    known = objects
    let found = try dataset.readReferences(to: objects)
    elements[dataset.path] = found
    for (index, path) in found.enumerated() {
      if let path, places[path] == nil { places[path] = (dataset.path, index + 1) }
    }
    return found
  }

  /// A text in which paths of what references lead to, such as `/#refs#/b/X`, are those by which users name them: `/data/2/X`.
  func named(_ text: String) -> String {
    if places.isEmpty { return text }
    return text.replacing(#/\/[^\s:;,'"]+/#) { match in
      var path = String(match.output)
      // Cells may be in cells; references may also lead in circles.
      for _ in 0..<Self.deepest {
        guard let outer = outerPath(of: path) else { break }
        path = outer
      }
      return path
    }
  }

  private static let deepest = 16

  /// The path by way of the array of references that leads to the longest part of a path; nil if none does.
  private func outerPath(of path: String) -> String? {
    var known = path
    while known.contains("/"), !known.isEmpty {
      if let place = places[known] {
        return "\(place.path)/\(place.number)\(path.dropFirst(known.count))"
      }
      known = String(known[..<(known.lastIndex(of: "/") ?? known.startIndex)])
    }
    return nil
  }

  /// The path that one leads to in which numbers from 1 stand for elements of an array of references, such as the cells of
  /// MATLAB: `data/2/X` is the field X of the structure in its second cell.
  ///
  /// - Returns: The path itself if there is no such array on it.
  func resolved(_ path: String) throws -> String {
    if (try? file.contains(path)) == true { return path }
    var place = ""
    for part in path.split(separator: "/") {
      let next = "\(place)/\(part)"
      if (try? file.contains(next)) == true {
        place = next
      } else if !place.isEmpty, let number = Int(part), let element = try element(number, of: place) {
        place = element
      } else {
        return path
      }
    }
    return place
  }

  /// The path of an element of an array of references, counted from 1; nil if there is no such array or element.
  private func element(_ number: Int, of path: String) throws -> String? {
    guard let paths = try elementPaths(of: path), paths.indices.contains(number - 1) else { return nil }
    return paths[number - 1]
  }

  private func elementPaths(of path: String) throws -> [String?]? {
    guard let dataset = try? file.dataset(path), dataset.datatype == .reference else { return nil }
    return try paths(of: dataset)
  }

  /// Whether there is an array of references at a path.
  func haveElements(_ path: String) throws -> Bool { try elementPaths(of: resolved(path)) != nil }

  /// The names in a group, or the numbers of the elements of an array of references, and whether they are groups.
  ///
  /// - Throws: If there is neither.
  func members(of path: String) throws -> [(name: String, isGroup: Bool)] {
    if path.isEmpty || path == "/" { return try file.children.map { ($0.name, $0.isGroup) } }
    let own = try resolved(path)
    guard let paths = try elementPaths(of: own) else {
      return try file.group(own).children.map { ($0.name, $0.isGroup) }
    }
    return paths.enumerated().compactMap { index, element in
      element.map { ("\(index + 1)", (try? file.group($0)) != nil || (try? elementPaths(of: $0)) != nil) }
    }
  }

  /// The texts of a character array of MATLAB, one for each of its rows, or of a cell array of them; nil for anything
  /// else.
  func texts(of dataset: Dataset) throws -> [String]? {
    if let array = try MATLABArray(dataset), array.isText { return try Self.rows(of: dataset) }
    guard dataset.datatype == .reference else { return nil }
    var texts: [String] = []
    for cell in try cells(of: dataset) {
      if cell.datatype.isString {
        texts += try cell.read(as: String.self)
      } else {
        guard let array = try MATLABArray(cell), array.isText else { return nil }
        let rows = try Self.rows(of: cell)
        guard rows.count == 1 else { return nil }
        texts += rows
      }
    }
    return texts
  }

  /// The rows of a matrix of UTF-16 characters, whose dimensions are reversed in the file, without blanks at their ends.
  private static func rows(of dataset: Dataset) throws -> [String] {
    let shape = try dataset.shape
    guard shape.count == 2 else {
      throw WeftError.data(
        "\(dataset.file): dataset \(dataset.path): is text of \(shape.count) dimensions; save a cell array of texts"
      )
    }
    let units = try dataset.read(as: UInt16.self)
    return (0..<shape[1]).map { row in
      let text = String(
        decoding: (0..<shape[0]).map { units[$0 * shape[1] + row] }, as: UTF16.self)
      return String(text.trimmingSuffix { $0 == " " || $0 == "\0" })
    }
  }
}

extension String {
  fileprivate func trimmingSuffix(while isLeftOut: (Character) -> Bool) -> Substring {
    guard let last = lastIndex(where: { !isLeftOut($0) }) else { return prefix(0) }
    return self[...last]
  }
}

extension Dataset {
  /// Checks that stored numbers are those of the array, which is not so for objects of MATLAB and for sparse matrices, and
  /// that all were written.
  func checkHasOwnValues() throws {
    if let numbers = try eeglabFile {
      throw WeftError.data(
        "\(file): dataset \(path): is the name of the file that holds its numbers, \(numbers) of EEGLAB; write them in Python:"
          + " numpy.save('x.npy', mne.io.read_raw_eeglab('x.set').get_data().T), and weft data numpy")
    }
    if let obstacle = try MATLABArray(self)?.obstacle ?? sparseObstacle ?? indexObstacle
      ?? BitPatterns.obstacle(of: self)
    {
      throw WeftError.data("\(file): dataset \(path): \(obstacle)")
    }
    try checkIsComplete()
  }

  /// The file of EEGLAB that holds the numbers of this dataset, which is its name; nil for any other.
  private var eeglabFile: String? {
    get throws {
      guard let array = try MATLABArray(self), array.isText, try (shape.first ?? 0) < 1 << 10 else {
        return nil
      }
      let name = String(decoding: try read(as: UInt16.self), as: UTF16.self)
      let endings = self.name == "data" ? [".fdt", ".dat"] : [".fdt"]
      return endings.contains(where: name.lowercased().hasSuffix) ? name.printable() : nil
    }
  }
}

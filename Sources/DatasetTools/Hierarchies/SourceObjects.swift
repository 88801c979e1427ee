import Foundation
import HDF5
import WeftBase
import WeftData

/// What the references of a file lead to, and the texts of MATLAB.
final class SourceObjects {
  let file: File
  private var known: ReferencedObjects?

  init(_ file: File) { self.file = file }

  /// The datasets that an array of references leads to, in row-major order.
  ///
  /// - Throws: If one leads to something else.
  func cells(of dataset: Dataset) throws -> [Dataset] {
    let objects = try known ?? ReferencedObjects(in: file)
    known = objects
    return try dataset.readReferences(to: objects).enumerated().map { index, path in
      guard let path else {
        throw WeftError.data("\(dataset.file): dataset \(dataset.path): element \(index) refers to nothing")
      }
      if (try? file.group(path)) != nil {
        throw WeftError.data(
          "\(dataset.file): dataset \(dataset.path): element \(index) is a group; name a dataset that all such groups"
            + " contain, as '{}/name'")
      }
      return try file.dataset(path)
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
    if let obstacle = try MATLABArray(self)?.obstacle ?? sparseObstacle ?? indexObstacle {
      throw WeftError.data("\(file): dataset \(path): \(obstacle)")
    }
    try checkIsComplete()
  }
}

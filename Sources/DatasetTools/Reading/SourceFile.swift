import HDF5
import MATLAB
import WeftBase

extension File {
  /// Opens a file of another program: HDF5, or one of MATLAB before 7.3, which is read from a copy.
  ///
  /// - Throws: If it cannot be opened, or there is no room for the copy.
  package init(source path: String) throws {
    guard OlderMATLABFile.isOne(path) else {
      try self.init(opening: path)
      return
    }
    let copy = try TemporaryFile("weft-matlab", purpose: path) { _ in }
    let objects = try Library.exclusively { () throws(WeftError) in
      try OlderMATLABFile.writeCopy(of: path, to: copy.path)
    }
    if !objects.isEmpty { try Self.add(objects, to: copy.path) }
    try self.init(opening: copy.path, named: path)
  }

  /// Writes in place of objects what version 7.3 has for them: a number of what is elsewhere, and their class.
  private static func add(_ objects: [MATLABObject], to path: String) throws {
    let file = try File(opening: path, mode: .readWrite)
    for object in objects
    where object.name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) {
      guard try !file.contains(object.name) else { continue }
      let dataset = try file.write(object.name, [UInt32](repeating: 0, count: 6), shape: [1, 6])
      try dataset.attributes.set("MATLAB_class", to: object.className)
      try dataset.attributes.set("MATLAB_object_decode", to: Int32(3))
    }
    try file.close()
  }
}

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
    try Library.exclusively { () throws(WeftError) in
      try OlderMATLABFile.writeCopy(of: path, to: copy.path)
    }
    try self.init(opening: copy.path, named: path)
  }
}

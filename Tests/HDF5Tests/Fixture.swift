import Foundation
import HDF5

/// The files that Python's h5py made, see `Fixtures/make_fixtures.py`.
enum Fixture: String, CaseIterable, Sendable {
  /// The format of HDF5 1.8 and earlier.
  case earliest = "earliest.h5"
  /// The format of HDF5 1.10.
  case version110 = "v110.h5"

  var path: String {
    Bundle.module.bundlePath + "/Fixtures/" + rawValue
  }

  func open() throws -> File { try File(opening: path) }

  func bytes() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }
}

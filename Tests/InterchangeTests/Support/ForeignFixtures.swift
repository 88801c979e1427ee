import Foundation
import HDF5

/// Models of other programs in a folder of `Fixtures`; `expected.h5` has a group for each, with what the program
/// computes.
struct ForeignFixtures {
  let folder: String

  init(_ name: String) { folder = "\(Bundle.module.bundlePath)/Fixtures/\(name)" }

  /// Empty if they cannot be read, which a suite's number of models shows.
  var names: [String] { (try? expected().root.children.map(\.name)) ?? [] }

  func group(_ name: String) throws -> Group { try expected().group(name) }

  func model(_ name: String) throws -> ForeignModel { try ForeignModel(group(name), folder: folder) }

  private func expected() throws -> File { try File(opening: "\(folder)/expected.h5") }
}

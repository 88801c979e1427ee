import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftLayers
@testable import WeftModels
@testable import WeftTasks

/// Invalid data gives one line with the file, the dataset and the way out.
@Suite struct DatasetErrorTests {
  /// A flaw of a file or configuration, and its error.
  struct Flaw: Sendable, CustomTestStringConvertible {
    let dataset: SmallDataset
    let message: String
    let spoil: @Sendable (File) throws -> Void
    let configure: @Sendable (inout Configuration) -> Void
    var testDescription: String { message }

    init(
      _ dataset: SmallDataset, _ message: String, spoil: @escaping @Sendable (File) throws -> Void = { _ in },
      configure: @escaping @Sendable (inout Configuration) -> Void = { _ in }
    ) {
      self.dataset = dataset
      self.message = message
      self.spoil = spoil
      self.configure = configure
    }
  }

  /// Error of a file named `data.h5`.
  static func complaint(about flaw: Flaw) throws -> String {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try flaw.dataset.create(path, spoil: flaw.spoil)
    var configuration = flaw.dataset.configuration(path)
    flaw.configure(&configuration)
    let error = try #require(throws: WeftError.self) { try readAsTraining(configuration) }
    #expect([.data, .configuration, .file].contains(error.kind))
    return error.message.replacing(path, with: "data.h5")
  }

  @Test(arguments: flaws + flawsOfStreams + flawsOfTargets) func isOneLine(_ flaw: Flaw) throws {
    let message = try Self.complaint(about: flaw)
    #expect(message == flaw.message)
  }

  @Test(arguments: SmallDataset.allCases) func theFilesAreRightBeforeTheyAreSpoilt(_ dataset: SmallDataset)
    throws
  {
    let folder = try TemporaryFolder()
    try dataset.create(folder.file("data.h5")) { try dataset.write(to: $0, split: "validation") }
    try readAsTraining(dataset.configuration(folder.file("data.h5")))
  }

  @Test(arguments: [
    ("no.h5", "no.h5: cannot open: no such file or directory"),
    ("text.h5", "text.h5: cannot open: not an HDF5 file"),
    (".", ".: cannot open: it is a directory"),
  ]) func aFileThatCannotBeOpenedIsOneLine(_ name: String, _ message: String) throws {
    let folder = try TemporaryFolder()
    try Data("tokens\n".utf8).write(to: URL(filePath: folder.file("text.h5")))
    let error = try #require(throws: WeftError.self) {
      try readAsTraining(SmallDataset.stream.configuration(folder.file(name)))
    }
    #expect(error.message == "\(folder.path)/\(message)")
  }

  @Test(.enabled(if: geteuid() != 0, "root is not bound by permissions"))
  func aFileThatMayNotBeReadIsOneLine() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try SmallDataset.stream.create(path)
    chmod(path, 0)
    let error = try #require(throws: WeftError.self) {
      try readAsTraining(SmallDataset.stream.configuration(path))
    }
    #expect(error.message == "\(path): cannot open: permission denied")
  }

  @Test func aFileThatWasCutOffIsOneLine() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try SmallDataset.stream.create(path)
    let bytes = try Data(contentsOf: URL(filePath: path))
    try bytes.prefix(bytes.count / 2).write(to: URL(filePath: path))
    let error = try #require(throws: WeftError.self) {
      try readAsTraining(SmallDataset.stream.configuration(path))
    }
    #expect(
      error.message
        == "\(path): cannot open: the file is truncated: it has \(bytes.count / 2) of \(bytes.count) bytes")
  }
}

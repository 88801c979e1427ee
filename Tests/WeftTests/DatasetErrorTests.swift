import Foundation
import HDF5
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftLayers
@testable import WeftModels
@testable import WeftTasks

/// Bad data are told in one line that names the file, the dataset and what to do.
@Suite struct DatasetErrorTests {
  /// What is wrong with a file or what is asked of it, and what is told.
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

  /// Does with a file what a run does before its first step, and reads all of both splits.
  static func open(_ configuration: Configuration) throws(WeftError) {
    let file = try DatasetFile(configuration)
    _ = try SequenceModel(
      configuration.model, fitting: file.modelShape(Loss(configuration.loss)), file: file.path)
    for split in ["train", "validation"] where split == "train" || file.contains(split: split) {
      let source = try file.batches(split: split, shuffles: false)
      for index in 0..<source.batchesPerEpoch { _ = try source.batch(epoch: 0, index: index) }
    }
  }

  /// What is told of a file called `data.h5`.
  static func complaint(about flaw: Flaw) throws -> String {
    let folder = try TestFolder()
    let path = folder.file("data.h5")
    try flaw.dataset.create(path, spoil: flaw.spoil)
    var configuration = flaw.dataset.configuration(path)
    flaw.configure(&configuration)
    let error = try #require(throws: WeftError.self) { try open(configuration) }
    #expect(error.kind == .failure)
    return error.message.replacing(path, with: "data.h5")
  }

  @Test(arguments: flaws + flawsOfStreams + flawsOfTargets) func isOneLine(_ flaw: Flaw) throws {
    let message = try Self.complaint(about: flaw)
    #expect(message == flaw.message)
  }

  @Test(arguments: SmallDataset.allCases) func theFilesAreRightBeforeTheyAreSpoilt(_ dataset: SmallDataset)
    throws
  {
    let folder = try TestFolder()
    try dataset.create(folder.file("data.h5")) { try dataset.write(to: $0, split: "validation") }
    try Self.open(dataset.configuration(folder.file("data.h5")))
  }

  @Test(arguments: [
    ("no.h5", "no.h5: cannot open: no such file or directory"),
    ("text.h5", "text.h5: cannot open: not an HDF5 file"),
    (".", ".: cannot open: it is a directory"),
  ]) func aFileThatCannotBeOpenedIsOneLine(_ name: String, _ message: String) throws {
    let folder = try TestFolder()
    try Data("tokens\n".utf8).write(to: URL(filePath: folder.file("text.h5")))
    let error = try #require(throws: WeftError.self) {
      try Self.open(SmallDataset.stream.configuration(folder.file(name)))
    }
    #expect(error.message == "\(folder.path)/\(message)")
  }

  @Test(.enabled(if: geteuid() != 0, "root is not bound by permissions"))
  func aFileThatMayNotBeReadIsOneLine() throws {
    let folder = try TestFolder()
    let path = folder.file("data.h5")
    try SmallDataset.stream.create(path)
    chmod(path, 0)
    let error = try #require(throws: WeftError.self) {
      try Self.open(SmallDataset.stream.configuration(path))
    }
    #expect(error.message == "\(path): cannot open: permission denied")
  }

  @Test func aFileThatWasCutOffIsOneLine() throws {
    let folder = try TestFolder()
    let path = folder.file("data.h5")
    try SmallDataset.stream.create(path)
    let bytes = try Data(contentsOf: URL(filePath: path))
    try bytes.prefix(bytes.count / 2).write(to: URL(filePath: path))
    let error = try #require(throws: WeftError.self) {
      try Self.open(SmallDataset.stream.configuration(path))
    }
    #expect(
      error.message
        == "\(path): cannot open: the file is truncated: it has \(bytes.count / 2) of \(bytes.count) bytes")
  }
}

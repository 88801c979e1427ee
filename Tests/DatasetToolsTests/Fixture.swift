import DatasetTools
import Foundation
import HDF5
import TestSupport
import Testing

/// Files made by `Fixtures/make_fixtures.py`, and an empty folder for output.
final class Fixture {
  private let temporary: TemporaryFolder
  var folder: URL { temporary.url }

  init() throws { temporary = try TemporaryFolder() }

  /// The path of a fixture.
  static func path(_ name: String) -> String { "\(Bundle.module.bundlePath)/Fixtures/\(name)" }

  /// The path of a file in the folder.
  func path(_ name: String) -> String { folder.appending(path: name).path }

  /// Writes a text and returns its path.
  func write(
    _ text: String, _ name: String = "text.txt", encoding: String.Encoding = .utf8
  ) throws -> String {
    try #require(text.data(using: encoding)).write(to: folder.appending(path: name))
    return path(name)
  }

  /// Writes a dataset and opens it.
  @discardableResult
  func make(
    _ name: String = "out.h5", storage: StorageOptions = StorageOptions(),
    _ write: (DatasetWriter, ProgressReporter) throws -> ConversionSummary
  ) throws -> (file: File, summary: ConversionSummary) {
    let writer = try DatasetWriter(path(name), storage: storage, overwrites: true)
    let summary = try write(writer, ProgressReporter())
    try writer.finish()
    return (try File(opening: path(name)), summary)
  }

  /// Returns the error of writing a dataset, and checks that no file is left behind.
  func failure(_ write: (DatasetWriter, ProgressReporter) throws -> ConversionSummary) -> String {
    do {
      try make("failed.h5", write)
      return "nothing"
    } catch {
      let left = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
      #expect(!left.contains { $0.hasPrefix("failed.h5") })
      return "\(error)"
    }
  }
}

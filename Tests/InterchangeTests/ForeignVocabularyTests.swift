import Foundation
import HDF5
import Interchange
import Testing

@testable import WeftBase
@testable import WeftTasks
@testable import WeftText

/// Keras models that read texts: their words become the vocabulary, with the numbers of Keras (`Fixtures/README.md`).
@Suite struct ForeignVocabularyTests {
  private static let folder = "\(Bundle.module.bundlePath)/Fixtures/vocabularies"

  @Test(arguments: ["adapted.keras", "given.keras", "marked.keras", "characters.keras", "lookup.keras"])
  func numbersAreThoseOfKeras(_ name: String) throws {
    let group = try File(opening: "\(Self.folder)/expected.h5").group(name)
    let imported = try InterchangeFormat.keras.read("\(Self.folder)/\(name)")
    let vocabulary = try #require(try imported.metadata.vocabularies(file: name).inputs)
    #expect(vocabulary.count == imported.network.input.size)
    let text = try group.attributes.value("text", as: String.self)
    #expect(try vocabulary.encode(text) == group.dataset("numbers").read(as: Int32.self))
    #expect(imported.notes.contains { $0.contains("becomes the vocabulary") })
    _ = try ImportedRun(imported, file: name)
    let size = "data.vocabulary_size=\(vocabulary.count)"
    #expect(try ImportedRun(imported, overrides: [size], file: name).configuration.data.vocabularySize != nil)
  }
}

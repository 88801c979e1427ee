import DatasetTools
import Foundation
import Testing

@testable import WeftBase

/// Files of MATLAB before 7.3 with wrong sizes, from which matio would read zeros or the element after, or crash.
@Suite struct DamagedMATLABTests {
  private let fixture: Fixture
  private let path: String
  private let whole: [UInt8]

  init() throws {
    fixture = try Fixture()
    path = fixture.path("changed.mat")
    whole = [UInt8](try Data(contentsOf: URL(filePath: Fixture.path("MATLAB/level5.mat"))))
  }

  private func failure(_ bytes: [UInt8], _ inputs: String) throws -> String {
    try Data(bytes).write(to: URL(filePath: path))
    return fixture.failure {
      try HierarchyDataset(files: [path], inputs: [inputs]).write(to: $0, progress: $1)
    }
  }

  private func place(of name: String) throws -> Int {
    try #require((0..<whole.count - name.utf8.count).first { whole[$0...].starts(with: name.utf8) })
  }

  struct Change: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// From the variable's name: its dimensions are before it, the tag of its numbers 8 bytes after it.
    let offset: Int
    let word: UInt32
  }
  static let changes = [
    Change(testDescription: "one row more", offset: -16, word: 11),
    Change(testDescription: "one row fewer", offset: -16, word: 9),
    Change(testDescription: "very many columns", offset: -12, word: 0x7FFF_FFFF),
    Change(testDescription: "-1 columns", offset: -12, word: 0xFFFF_FFFF),
    Change(testDescription: "one dimension", offset: -20, word: 4),
    Change(testDescription: "half a dimension", offset: -20, word: 6),
    Change(testDescription: "one number fewer", offset: 12, word: 152),
    Change(testDescription: "numbers behind the end", offset: 12, word: 240),
    Change(testDescription: "numbers of two bytes", offset: 8, word: 4),
    Change(testDescription: "numbers of no type", offset: 8, word: 99),
  ]

  @Test(arguments: changes)
  func sizesThatDisagreeAreRefused(_ change: Change) throws {
    var bytes = whole
    let start = try place(of: "signal") + change.offset
    bytes.replaceSubrange(start..<start + 4, with: withUnsafeBytes(of: change.word.littleEndian, Array.init))
    let message = "\(path): is damaged: the variable 'signal' does not hold what its header states"
    let nameless = "\(path): is damaged: a variable does not hold what its header states"
    let found = try failure(bytes, "signal")
    #expect(found == message || change.offset < 0 && found == nameless)
  }

  /// 'läuft' has five characters in six bytes.
  @Test func textsOfOtherLengthsAreRefused() throws {
    var bytes = whole
    let start = try place(of: "läuft") - 20
    #expect(bytes[start] == 5)
    bytes[start] = 4
    let found = try failure(bytes, "X")
    #expect(found == "\(path): is damaged: the variable 'Y' does not hold what its header states")
  }

  @Test func variablesThatAreNoneAreRefused() throws {
    var bytes = whole
    bytes[128] = 13
    let found = try failure(bytes, "signal")
    #expect(found == "\(path): is damaged: no variable of MATLAB begins at byte 128")
  }

  /// Every change of a word is refused in one line, or changes nothing but names and numbers.
  @Test func noChangeCrashes() throws {
    let words: [[UInt8]] = [[0, 0, 0, 0], [1, 0, 0, 0], [0x0F, 0, 1, 0], [0xFF, 0xFF, 0xFF, 0x7F]]
    for start in stride(from: 124, to: whole.count - 4, by: 4) {
      var bytes = whole
      bytes.replaceSubrange(start..<start + 4, with: words[start / 4 % words.count])
      let found = try failure(bytes, "X")
      try? FileManager.default.removeItem(atPath: fixture.path("failed.h5"))
      #expect(found == "nothing" || !found.contains("\n"), "byte \(start)")
    }
  }
}

import Foundation
import TestSupport
import Testing
import WeftBase
import WeftText

/// Models that the library would follow out of its memory.
@Suite struct SubwordModelTests {
  // MARK: - Models

  private static func integer(_ value: Int) -> [UInt8] {
    var (value, bytes) = (UInt64(bitPattern: Int64(value)), [UInt8]())
    while value > 0x7F {
      bytes.append(UInt8(value & 0x7F) | 0x80)
      value >>= 7
    }
    return bytes + [UInt8(value)]
  }

  private static func field(_ number: Int, _ content: [UInt8]) -> [UInt8] {
    integer(number << 3 | 2) + integer(content.count) + content
  }

  private static func little(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(value >> (8 * $0) & 0xFF) } }

  private static func piece(_ text: String, score: Float = -1, kind: Int = 1) -> [UInt8] {
    field(
      1,
      field(1, Array(text.utf8)) + integer(2 << 3 | 5) + little(score.bitPattern) + integer(3 << 3)
        + integer(kind))
  }

  private static let unknown = piece("<unk>", score: 0, kind: 2)

  /// A unigram model that adds no space and replaces by a table.
  private static func model(_ pieces: [[UInt8]], table: [UInt8] = [], trainer: [UInt8] = []) -> [UInt8] {
    let normalizer =
      (table.isEmpty ? [] : field(2, table)) + [3, 4, 5].flatMap { integer($0 << 3) + integer(0) }
    return pieces.flatMap(\.self) + field(2, integer(3 << 3) + integer(1) + trainer) + field(3, normalizer)
  }

  // MARK: - Tables

  /// A table that replaces `a` by a text.
  private static func units() -> [UInt32] {
    var units = [UInt32](repeating: 0x8000_0000, count: 768)
    // The root's children are at 256 ^ byte; those of `a` at 512, whose own unit is the place of its text.
    units[0] = 256 << 10
    units[256 ^ 0x61] = 0x61 | 0x100 | (256 ^ 0x61 ^ 512) << 10
    return units
  }

  private static func table(_ units: [UInt32], texts: String = "b\0") -> [UInt8] {
    little(UInt32(4 * units.count)) + units.flatMap(little) + Array(texts.utf8)
  }

  private static let pieces = [unknown, piece("a"), piece("b"), piece("c")]

  private func expectRefusal(_ bytes: [UInt8], _ complaint: String) {
    do {
      _ = try SubwordModel(bytes: bytes)
      Issue.record("not refused: \(complaint)")
    } catch { #expect(error.message.contains(complaint), "\(error)") }
  }

  @Test func aModelWithATableIsRead() throws {
    let model = try SubwordModel(bytes: Self.model(Self.pieces, table: Self.table(Self.units())))
    #expect(model.pieces == ["<unk>", "a", "b", "c"])
    #expect(try model.encode(line: "cac") == [3, 2, 3])
    #expect(try SubwordModel(bytes: Self.model(Self.pieces)).encode(line: "cac") == [3, 1, 3])
  }

  @Test func aTableMustStayInside() {
    func refuse(_ complaint: String, texts: String = "b\0", _ change: (inout [UInt32]) -> Void) {
      var units = Self.units()
      change(&units)
      expectRefusal(Self.model(Self.pieces, table: Self.table(units, texts: texts)), complaint)
    }
    refuse("outside of itself") { $0[0] = 768 << 10 }
    refuse("outside of itself") { $0[0] = 0x3FFFFF << 10 | 0x200 }
    refuse("outside of itself") { $0[256 ^ 0x61] = 0x61 | 0x100 | 0x1000 << 10 }
    refuse("replacement outside") { $0[512] = 0x8000_0002 }
    refuse("replacement outside") { $0[512] = 0x7FFF_FFFF }
    // Within a character.
    refuse("replacement outside", texts: "é\0") { $0[512] = 0x8000_0001 }
    refuse("not UTF-8 text ended by NUL", texts: "b") { _ in }
    refuse("replacement of more than", texts: String(repeating: "b", count: 2000) + "\0") { _ in }
    // `a` and `b` lead back to the root's children.
    refuse("in a circle") {
      $0[256 ^ 0x61] = 0x61 | 0x61 << 10
      $0[256 ^ 0x62] = 0x62 | 0x62 << 10
    }
    var table = Self.table(Self.units())
    for size in [0, 3, 3070, 3076, .max] as [UInt32] {
      table.replaceSubrange(0..<4, with: Self.little(size))
      expectRefusal(Self.model(Self.pieces, table: table), "claims a trie")
    }
    expectRefusal(Self.model(Self.pieces, table: [1, 0, 0, 0]), "too short")
  }

  /// Of 33 nested matches; the library has room for 32.
  @Test func matchesAreLimited() throws {
    func nested(_ depth: Int) -> [UInt8] {
      // `a` of level n is at 256 n ^ `a`, and its children, and the place of its text, at 256 (n + 1).
      var units = [UInt32](repeating: 0x8000_0000, count: 256 * (depth + 2))
      units[0] = 256 << 10
      for level in 1...depth {
        let place = 256 * level ^ 0x61
        units[place] = 0x61 | 0x100 | UInt32(place ^ 256 * (level + 1)) << 10
      }
      return Self.table(units)
    }
    _ = try SubwordModel(bytes: Self.model(Self.pieces, table: nested(32)))
    expectRefusal(Self.model(Self.pieces, table: nested(33)), "more than 32 matches")
  }

  @Test func piecesMustBeUsable() {
    expectRefusal(Self.model([Self.unknown, Self.piece("<s>", kind: 3)]), "no pieces for text")
    expectRefusal(Self.model(Self.pieces + [Self.piece("")]), "piece 4 is empty")
    expectRefusal(Self.model(Self.pieces + [Self.piece("x\0y")]), "piece 4 is empty")
    expectRefusal(Self.model(Self.pieces + [Self.piece(String(repeating: "x", count: 5000))]), "too long")
    for score in [Float.nan, .infinity, -.infinity, 3e38] {
      expectRefusal(Self.model(Self.pieces + [Self.piece("x", score: score)]), "has the score")
    }
    expectRefusal(Self.model(Self.pieces + [Self.piece("x", kind: 9)]), "is of type 9")
    let alike = (1...65).map { Self.piece(String(repeating: "x", count: $0), kind: 4) }
    expectRefusal(Self.model(Self.pieces + alike), "begin alike")
  }

  @Test func idsMustBePieces() {
    for id in [4, -2, Int(Int32.max), .max, .min] {
      expectRefusal(
        Self.model(Self.pieces, trainer: Self.integer(43 << 3) + Self.integer(id)), "not one of its 4 pieces")
    }
    expectRefusal(Self.model(Self.pieces, trainer: Self.integer(3 << 3) + Self.integer(7)), "is of type 7")
    expectRefusal(Self.model(Self.pieces) + Self.field(3, []), "two trainers or normalizers")
    expectRefusal([1, 2, 3], "SentencePiece model")
  }

  /// Any change of a real model is read or refused, and what is read can encode.
  @Test(arguments: ["bpe", "unigram"]) func damagedModelsAreReadOrRefused(_ kind: String) throws {
    let original = [UInt8](try Data(contentsOf: URL(filePath: Fixture.path("\(kind).model"))))
    var random = SplitMix(seed: 17)
    for _ in 0..<300 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      guard let model = try? SubwordModel(bytes: bytes) else { continue }
      #expect((try? model.encode(line: "the weaver's ☕ naïve").count) != 0)
    }
  }
}

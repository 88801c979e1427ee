import Foundation
import TestSupport
import Testing

@testable import WeftBase

/// Encodings that the bytes of a text suggest; the bytes are Python's.
@Suite("Text of other encodings", .enabled(if: Python.has("sys"), Python.missing))
struct OtherEncodingTests {
  @Test(arguments: [
    ("中文数据是用来训练模型的文本", "gb18030", "GB18030"), ("日本語の文章をここに書きます", "euc_jp", "GB18030"),
    ("한국어 문장을 여기에 적는다", "euc_kr", "EUC-KR"),
    ("Привет, это русский текст для проверки", "cp1251", "WINDOWS-1251"),
    ("Привет, это русский текст для проверки", "koi8_r", "KOI8-R"),
    ("Un café très fort à Orléans, déjà vu", "latin-1", "latin1"),
    ("“Naïve” – quoted", "cp1252", "WINDOWS-1252"), ("plain", "utf-16", "UTF-16"),
  ])
  func encodingsAreSuggested(_ text: String, _ encoding: String, _ suggestion: String) throws {
    let folder = try TemporaryFolder()
    let result = try Python.run(
      "open('x', 'wb').write('\(text)'.encode('\(encoding)'))", in: folder.url)
    #expect(result.status == 0, "\(result.output)")
    let advice = OtherEncoding.advice(for: try Data(contentsOf: folder.url.appending(path: "x")))
    #expect(advice.contains("iconv -f") && advice.contains(suggestion), "\(advice)")
  }

  /// UTF-8 with a wrong byte is not of East Asia.
  @Test func damagedUTF8IsNoOtherLanguage() {
    let bytes = Array("Привет, это русский текст".utf8) + [0xE9, 0x20] + Array("и ещё немного".utf8)
    #expect(!OtherEncoding.advice(for: bytes).contains("ENCODING"))
  }
}

import CSentencePiece
import Foundation
import WeftBase

/// A SentencePiece model, which segments text into subwords.
///
/// Pieces write a space as `▁`, and each line is segmented as if it began with a space. Source: Kudo, Richardson 2018,
/// SentencePiece: a simple and language independent subword tokenizer.
package struct SubwordModel: Sendable, Equatable {
  /// The contents of a SentencePiece `.model` file.
  package let bytes: [UInt8]
  /// The text of each piece.
  package let pieces: [String]
  /// The byte that each piece represents; nil for text.
  let byteValues: [UInt8?]
  private let processor: Processor

  /// The library's model. The functions used here do not change it, and SentencePiece allows concurrent calls.
  private final class Processor: @unchecked Sendable {
    let pointer: OpaquePointer
    init(_ pointer: OpaquePointer) { self.pointer = pointer }
    deinit { csentencepiece_close(pointer) }
  }

  /// Parses a model.
  ///
  /// - Throws: If the bytes are not a SentencePiece model.
  package init(bytes: [UInt8]) throws(WeftError) {
    try SubwordModelCheck.check(bytes)
    var message: UnsafeMutablePointer<CChar>?
    guard let pointer = csentencepiece_open(bytes, bytes.count, &message) else {
      defer { free(message) }
      throw .data(
        "is not a SentencePiece model: \(message.map { String(cString: $0) } ?? "unknown reason")")
    }
    self.bytes = bytes
    processor = Processor(pointer)
    let numbers = 0..<csentencepiece_piece_count(pointer)
    pieces = numbers.map { String(cString: csentencepiece_piece(pointer, $0)) }
    byteValues = numbers.map { number in
      guard csentencepiece_is_byte(pointer, number) != 0 else { return nil }
      // Byte pieces are named <0x41>.
      return UInt8(String(cString: csentencepiece_piece(pointer, number)).dropFirst(3).prefix(2), radix: 16)
    }
  }

  /// The ids of a line's pieces. The line must not contain a line break.
  ///
  /// - Throws: If SentencePiece cannot encode it, for example without memory.
  package func encode(line: some StringProtocol) throws(WeftError) -> [Int32] {
    var numbers: UnsafeMutablePointer<Int32>?
    var count = 0
    var line = String(line)
    let status = line.withUTF8 { text in
      text.withMemoryRebound(to: CChar.self) {
        csentencepiece_encode(processor.pointer, $0.baseAddress, $0.count, &numbers, &count)
      }
    }
    defer { free(numbers) }
    guard status == 0 else {
      throw .data("the subword model cannot encode a line of \(line.utf8.count) bytes")
    }
    return Array(UnsafeBufferPointer(start: numbers, count: count))
  }

  /// Compares the serialized models.
  package static func == (left: SubwordModel, right: SubwordModel) -> Bool { left.bytes == right.bytes }
}

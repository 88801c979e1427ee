import CSentencePiece
import Foundation
import WeftBase

/// A SentencePiece model, which cuts text into pieces between characters and words.
///
/// Pieces write a space as `▁`, and each line is cut as if a space stood before it. Source: Kudo, Richardson 2018,
/// SentencePiece: a simple and language independent subword tokenizer.
package struct SubwordModel: Sendable, Equatable {
  /// The model as SentencePiece stores it in `.model` files.
  package let bytes: [UInt8]
  /// The text of each piece.
  package let pieces: [String]
  /// For each piece the byte it stands for; nil for text.
  let byteValues: [UInt8?]
  private let processor: Processor

  /// The library's model. Its functions used here do not change it, and SentencePiece lets any number of threads call
  /// them at the same time.
  private final class Processor: @unchecked Sendable {
    let pointer: OpaquePointer
    init(_ pointer: OpaquePointer) { self.pointer = pointer }
    deinit { csentencepiece_close(pointer) }
  }

  /// Opens a model.
  ///
  /// - Throws: If the bytes are none.
  package init(bytes: [UInt8]) throws(WeftError) {
    var message: UnsafeMutablePointer<CChar>?
    guard let pointer = csentencepiece_open(bytes, bytes.count, &message) else {
      defer { free(message) }
      throw .failure("is no SentencePiece model: \(message.map { String(cString: $0) } ?? "unknown reason")")
    }
    self.bytes = bytes
    processor = Processor(pointer)
    let numbers = 0..<csentencepiece_piece_count(pointer)
    pieces = numbers.map { String(cString: csentencepiece_piece(pointer, $0)) }
    byteValues = numbers.map { number in
      guard csentencepiece_is_byte(pointer, number) != 0 else { return nil }
      // Such a piece is called <0x41>.
      return UInt8(String(cString: csentencepiece_piece(pointer, number)).dropFirst(3).prefix(2), radix: 16)
    }
  }

  /// The numbers of a line's pieces; the line has no line break in it.
  package func encode(line: some StringProtocol) -> [Int32] {
    var numbers: UnsafeMutablePointer<Int32>?
    var count = 0
    var line = String(line)
    let status = line.withUTF8 { text in
      text.withMemoryRebound(to: CChar.self) {
        csentencepiece_encode(processor.pointer, $0.baseAddress, $0.count, &numbers, &count)
      }
    }
    defer { free(numbers) }
    precondition(status == 0, "SentencePiece cuts any text when it has memory to")
    return Array(UnsafeBufferPointer(start: numbers, count: count))
  }

  /// Whether both are stored alike.
  package static func == (left: SubwordModel, right: SubwordModel) -> Bool { left.bytes == right.bytes }
}

import CSentencePiece
import Foundation
import WeftBase
import WeftText

/// Trains a SentencePiece model on lines of text, on one thread and with a fixed seed, so that the same text gives the
/// same model.
struct SubwordTrainer {
  private let options: VocabularyOptions
  private let special: [String]

  /// Maximum number of training lines; more are subsampled at random.
  private static let maximumLineCount = 1_000_000
  static let defaultSize = 8000

  /// - Parameter special: `<pad>`, `<bos>`, `<eos>`, `<unk>`; the last is always included.
  init(_ options: VocabularyOptions, special: [String] = []) {
    self.options = options
    self.special = special.contains(Vocabulary.unknownToken) ? special : special + [Vocabulary.unknownToken]
  }

  /// Trains on all lines.
  ///
  /// - Parameter text: Their source, for errors.
  /// - Throws: An error of `next`, or if there are no lines, or SentencePiece cannot produce this many pieces.
  func train(of text: String, _ next: @escaping () throws -> String?) throws -> Vocabulary {
    let source = LineSource(next, isLowercase: options.isLowercase)
    var model: UnsafeMutablePointer<UInt8>?
    var count = 0
    var message: UnsafeMutablePointer<CChar>?
    let texts: [UnsafeMutablePointer<CChar>?] = arguments.flatMap { [strdup($0.key), strdup($0.value)] }
    defer {
      for text in texts { free(text) }
      free(model)
      free(message)
    }
    let pointers: [UnsafePointer<CChar>?] = texts.map { UnsafePointer($0) } + [nil]
    let status = csentencepiece_train(
      pointers, 1, { LineSource.next($0, $1) }, Unmanaged.passUnretained(source).toOpaque(), &model, &count,
      &message)
    if let error = source.error { throw error }
    if source.isEmpty { throw WeftError.data("\(text): contains no text for training") }
    guard status == 0, let model else {
      let reason = message.map { String(cString: $0) } ?? "not enough memory"
      throw WeftError.data(
        "SentencePiece cannot learn \(options.size ?? Self.defaultSize) subwords (--vocabulary-size): \(reason)"
      )
    }
    let bytes = Array(UnsafeBufferPointer(start: model, count: count))
    return try Vocabulary(subwords: SubwordModel(bytes: bytes), isLowercase: options.isLowercase)
  }

  /// Text is not normalized, every line break is a piece, and unknown characters fall back to bytes.
  private var arguments: KeyValuePairs<String, String> {
    func number(_ token: String) -> String { "\(special.firstIndex(of: token) ?? -1)" }
    return [
      "model_type": options.algorithm.rawValue,
      "vocab_size": "\(options.size ?? Self.defaultSize)",
      "hard_vocab_limit": "false",
      "normalization_rule_name": "identity",
      "remove_extra_whitespaces": "false",
      "byte_fallback": "true",
      "user_defined_symbols": "\n",
      "pad_id": number(Vocabulary.paddingToken), "pad_piece": Vocabulary.paddingToken,
      "bos_id": number(Vocabulary.beginningToken), "bos_piece": Vocabulary.beginningToken,
      "eos_id": number(Vocabulary.endToken), "eos_piece": Vocabulary.endToken,
      "unk_id": number(Vocabulary.unknownToken), "unk_piece": Vocabulary.unknownToken,
      "input_sentence_size": "\(Self.maximumLineCount)",
      "shuffle_input_sentence": "true",
      "max_sentence_length": "\(LineSource.maximumByteCount)",
      "num_threads": "1",
      "minloglevel": "2",
    ]
  }
}

/// Passes lines to a C callback, the longest ones in pieces, and stores errors.
private final class LineSource {
  /// SentencePiece leaves out longer lines.
  static let maximumByteCount = 1 << 16
  /// What is left of the last line; nil if nothing is.
  private var rest: Substring?
  private let take: () throws -> String?
  private let isLowercase: Bool
  private(set) var error: (any Error)?
  /// Whether no line had text so far.
  private(set) var isEmpty = true
  /// The last line passed, which must live until the next call.
  private var buffer: UnsafeMutableBufferPointer<CChar>?

  init(_ take: @escaping () throws -> String?, isLowercase: Bool) {
    self.take = take
    self.isLowercase = isLowercase
  }

  deinit { buffer?.deallocate() }

  static func next(
    _ context: UnsafeMutableRawPointer?, _ count: UnsafeMutablePointer<Int>?
  ) -> UnsafePointer<CChar>? {
    guard let context, let count else { return nil }
    return Unmanaged<LineSource>.fromOpaque(context).takeUnretainedValue().next(count)
  }

  private func next(_ count: UnsafeMutablePointer<Int>) -> UnsafePointer<CChar>? {
    do {
      if rest == nil {
        guard let text = try take() else { return nil }
        if !text.isEmpty { isEmpty = false }
        rest = Substring(isLowercase ? text.lowercased() : text)
      }
      guard let line = rest else { return nil }
      let piece = line.prefix(utf8Count: Self.maximumByteCount / 2)
      rest = piece.endIndex < line.endIndex ? line[piece.endIndex...] : nil
      let bytes = String(piece).utf8CString
      buffer?.deallocate()
      let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count)
      _ = copy.initialize(from: bytes)
      buffer = copy
      count.pointee = bytes.count - 1
      return UnsafePointer(copy.baseAddress)
    } catch {
      self.error = error
      return nil
    }
  }
}

extension Substring {
  /// The longest start of at most `count` bytes that ends behind a space or, without one, between code points.
  fileprivate func prefix(utf8Count count: Int) -> Substring {
    guard utf8.count > count else { return self }
    let limit = utf8.index(startIndex, offsetBy: count)
    if let space = utf8[..<limit].lastIndex(of: UInt8(ascii: " ")) { return self[...space] }
    // Not within a character's bytes.
    var end = limit
    while end > startIndex, utf8[end] & 0xC0 == 0x80 { end = utf8.index(before: end) }
    return self[..<end]
  }
}

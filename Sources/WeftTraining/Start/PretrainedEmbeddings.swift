import Foundation
import KernelInterface
import WeftBase
import WeftTensor
import WeftText

/// Token embeddings that a new run starts from.
public enum PretrainedEmbeddings: Sendable, Equatable {
  /// A text file: on each line a token and its numbers, as GloVe has; the first line may tell how many tokens and
  /// numbers there are, as word2vec does.
  case text(String)
  /// A row for each token of the vocabulary, in its order, `[tokens, size]`; and where they come from, for errors.
  case rows([Float], width: Int, source: String)

  /// The file, for reports.
  var source: String {
    switch self {
    case .text(let path), .rows(_, _, let path): path
    }
  }

  /// Copies the embeddings of the run's tokens; others keep theirs.
  ///
  /// - Returns: How many were taken.
  /// - Throws: If the file cannot be read or has another size, the model has no embedding, or no token is in the file.
  func assign(to loop: TrainingLoop) throws(WeftError) -> String {
    guard let vocabulary = loop.dataset.vocabulary,
      let parameter = loop.model.layout.parameters.first(where: { $0.name == "embedding/weights" })
    else {
      throw .usage("--embeddings: the model has no token embedding; set model.embedding")
    }
    let target = parameter.matrix(in: loop.executor.parameters.matrix)
    switch self {
    case .text(let path):
      let found = try Self.assign(path, vocabulary, to: target)
      return "\(path): embeddings of \(found) of \(vocabulary.count) tokens"
    case .rows(let values, let width, let source):
      guard width == target.columns else {
        throw .data("\(source): has \(width) columns, but model.embedding is \(target.columns)")
      }
      guard values.count / max(width, 1) == vocabulary.count else {
        throw .data(
          "\(source): has \(values.count / max(width, 1)) rows, but the vocabulary has \(vocabulary.count) tokens;"
            + " without names, rows are in the order of /vocabulary")
      }
      if let place = values.firstIndex(where: { !$0.isFinite }) {
        throw .data("\(source): row \(place / width), column \(place % width) is \(values[place])")
      }
      target.assign(values)
      return "\(source): embeddings of all \(vocabulary.count) tokens"
    }
  }

  /// - Returns: The number of tokens of the vocabulary that the file has.
  private static func assign(_ path: String, _ vocabulary: Vocabulary, to target: Matrix) throws(WeftError)
    -> Int
  {
    var found = Set<Int32>()
    var number = 0
    try TextFile.forEachLine(of: path) { line throws(WeftError) in
      number += 1
      let parts = line.split(separator: UInt8(ascii: " "))
      if number == 1, parts.count == 2 { return }
      if parts.isEmpty { return }
      guard parts.count == target.columns + 1 else {
        throw .data(
          "\(path):\(number): has \(parts.count - 1) numbers, but model.embedding is \(target.columns)")
      }
      guard let token = vocabulary.number(of: String(decoding: parts[0], as: UTF8.self)) else { return }
      for (column, text) in parts.dropFirst().enumerated() {
        guard let value = Float(String(decoding: text, as: UTF8.self)), value.isFinite else {
          throw .data(
            "\(path):\(number): '\(String(decoding: text.prefix(20), as: UTF8.self))' is not a number")
        }
        target[Int(token), column] = value
      }
      found.insert(token)
    }
    guard !found.isEmpty else { throw .data("\(path): has none of the vocabulary's tokens") }
    return found.count
  }
}

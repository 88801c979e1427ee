import Foundation
import WeftBase

/// Token embeddings from a text file: on each line a token and its numbers, as GloVe has; the first line may tell how
/// many tokens and numbers there are, as word2vec does.
struct PretrainedEmbeddings {
  private let path: String

  init(_ path: String) { self.path = path }

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
    var found = Set<Int32>()
    var number = 0
    try TextFile.forEachLine(of: path) { line throws(WeftError) in
      number += 1
      let parts = line.split(separator: UInt8(ascii: " "))
      if number == 1, parts.count == 2 { return }
      if parts.isEmpty { return }
      guard parts.count == parameter.columns + 1 else {
        throw .failure(
          "\(path):\(number): has \(parts.count - 1) numbers, but model.embedding is \(parameter.columns)")
      }
      guard let token = vocabulary.number(of: String(decoding: parts[0], as: UTF8.self)) else { return }
      for (column, text) in parts.dropFirst().enumerated() {
        guard let value = Float(String(decoding: text, as: UTF8.self)), value.isFinite else {
          throw .failure(
            "\(path):\(number): '\(String(decoding: text.prefix(20), as: UTF8.self))' is not a number")
        }
        target[Int(token), column] = value
      }
      found.insert(token)
    }
    guard !found.isEmpty else { throw .failure("\(path): has none of the vocabulary's tokens") }
    return "\(path): embeddings of \(found.count) of \(vocabulary.count) tokens"
  }
}

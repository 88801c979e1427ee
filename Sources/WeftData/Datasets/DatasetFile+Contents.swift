import HDF5
import WeftBase

extension DatasetFile {
  /// Whether each step of a split is an anomaly, from its dataset `labels`; nil without it.
  package func labels(split: String) throws(WeftError) -> [Bool]? {
    do {
      var labels: [Bool] = []
      for file in files where holds(file, split: split) {
        let group = try file.contains(split) ? file.group(split) : file.root
        guard try group.contains("labels") else { return nil }
        labels += try group.dataset("labels").read(as: Int32.self).map { $0 != 0 }
      }
      return labels
    } catch {
      throw WeftError(error)
    }
  }

  /// The texts of a split's sequences, from its dataset `texts`, including text outside the vocabulary; nil without it.
  package func texts(split: String) throws(WeftError) -> [String]? {
    do {
      var texts: [String] = []
      for file in files where holds(file, split: split) {
        let group = try file.contains(split) ? file.group(split) : file.root
        guard try group.contains("texts") else { return nil }
        texts += try group.dataset("texts").read(as: String.self)
      }
      return texts
    } catch {
      throw WeftError(error)
    }
  }

  /// Calls `body` with the steps and target tokens of each sequence of a split, in file order; never if its targets are
  /// not token sequences.
  ///
  /// - Throws: If they cannot be read.
  package func forEachTargetSequence(
    split: String, _ body: (_ steps: Int, _ tokens: [Int32]) -> Void
  ) throws(WeftError) {
    let split = try openSplit(split)
    guard let targets = split.targets, let targetPlaces = split.targetPlaces,
      case .sequences(let places) = split.layout
    else { return }
    for sequence in 0..<places.count {
      var tokens: [Int32]? = []
      if targetPlaces.length(sequence) > 0 {
        tokens = try targets.read([targetPlaces.block(sequence)]).tokens
      }
      if let tokens { body(places.length(sequence), tokens) }
    }
  }
}

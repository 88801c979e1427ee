import WeftBase

/// Texts of splits that have files of their own which are for training as well: results on them tell little.
///
/// Texts are added in each of several passes; what is shared is known after the second one. Memory grows with the texts
/// of these splits alone.
final class SharedItems {
  /// The splits with files of their own, as bits, that each of their texts is in, and whether it is for training as well.
  private var places: [UInt64: (splits: UInt64, isTraining: Bool)] = [:]
  private let names: [String]
  private let own: Set<Int>

  /// - Parameters:
  ///   - plan: All splits.
  ///   - own: The names of those that have files of their own.
  init(_ plan: SplitPlan, own: [String]) {
    names = plan.names
    self.own = Set(own.compactMap { plan.names.firstIndex(of: $0) })
  }

  /// Adds a text, or the parts of a pair.
  func add(_ texts: [String], split: Int) {
    guard !own.isEmpty, split == 0 || own.contains(split), split < UInt64.bitWidth else { return }
    var hash = ContentHash()
    for text in texts {
      hash.add(text.utf8)
      hash.add([0])
    }
    if own.contains(split) {
      places[hash.value, default: (0, false)].splits |= 1 << UInt64(split)
    } else {
      places[hash.value]?.isTraining = true
    }
  }

  /// How many different texts of each split are for training as well.
  ///
  /// - Parameter unit: What they are, such as `texts`.
  func notes(unit: String) -> [String] {
    own.sorted().compactMap { split in
      let all = places.values.filter { $0.splits >> UInt64(split) & 1 == 1 }
      let shared = all.count { $0.isTraining }
      guard shared > 0 else { return nil }
      return
        "\(shared) of \(all.count) different \(unit) of \(names[split]) are in \(names[0]) as well; results on these do not tell how a"
        + " model does on others"
    }
  }
}

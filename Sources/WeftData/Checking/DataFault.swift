/// A kind of fault in a dataset, with its places.
package struct DataFault: Sendable, Equatable, Codable {
  /// The file.
  package let file: String
  /// Path of the dataset; nil for a fault of the file.
  package let dataset: String?
  /// What is wrong, such as `missing value (NaN)`.
  package let kind: String
  /// How often.
  package var count: Int
  /// The first places, such as `sequence 3, step 5, feature 1`; empty for a fault of the whole.
  package var places: [String]

  package init(file: String, dataset: String?, kind: String, count: Int = 1, places: [String] = []) {
    self.file = file
    self.dataset = dataset
    self.kind = kind
    self.count = count
    self.places = places
  }

  /// One line, without the file.
  package var text: String {
    let all = count > places.count ? places + ["…"] : places
    let name = dataset.map { "dataset \($0): " } ?? ""
    if places.isEmpty { return name + kind }
    return
      "\(name)\(kind), \(count == 1 ? "once" : "\(count) times"): \(all.joined(separator: "; "))"
  }
}

/// The faults of a dataset while it is read.
struct FaultCollection: Sendable {
  private var found: [String: (count: Int, places: [(order: [Int], text: String)])] = [:]
  /// Places that are kept of each kind.
  private static let kept = 3

  var isEmpty: Bool { found.isEmpty }

  /// - Parameter order: The indices of the place, by which the first are chosen.
  mutating func add(_ kind: String, at order: [Int], _ text: @autoclosure () -> String) {
    var own = found[kind] ?? (0, [])
    own.count += 1
    let isEarly =
      own.places.count < Self.kept
      || order.lexicographicallyPrecedes(own.places[Self.kept - 1].order)
    if isEarly { own.places.append((order, text())) }
    found[kind] = (own.count, Self.first(own.places))
  }

  mutating func add(_ other: FaultCollection) {
    for (kind, more) in other.found {
      let own = found[kind] ?? (0, [])
      found[kind] = (own.count + more.count, Self.first(own.places + more.places))
    }
  }

  private static func first(
    _ places: [(order: [Int], text: String)]
  ) -> [(order: [Int], text: String)] {
    Array(places.sorted { $0.order.lexicographicallyPrecedes($1.order) }.prefix(kept))
  }

  func faults(file: String, dataset: String) -> [DataFault] {
    found.sorted { $0.key < $1.key }.map { kind, own in
      DataFault(
        file: file, dataset: dataset, kind: kind, count: own.count, places: own.places.map(\.text))
    }
  }
}

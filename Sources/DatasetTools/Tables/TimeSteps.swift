import Foundation
import WeftBase

/// Distances of consecutive rows in time, and by the local clock, by which days are evenly spaced where clocks change.
struct TimeSteps {
  private var last: (time: Double, clock: Double)?
  private var moments = Distances()
  private var clocks = Distances()

  enum Order {
    case ascending, equal, descending
  }

  /// The next row does not follow the last one.
  mutating func restart() { last = nil }

  /// - Parameter clock: The time by the local clock.
  mutating func add(_ time: Double, clock: Double, line: Int) -> Order {
    defer { last = (time, clock) }
    guard let last else { return .ascending }
    if time == last.time { return .equal }
    if time < last.time { return .descending }
    moments.add(TimeStep.rounded(time - last.time, at: time), line: line)
    clocks.add(TimeStep.rounded(clock - last.clock, at: clock), line: line)
    return .ascending
  }

  /// The commonest distance; nil for a single row.
  var usual: Double? { moments.usual }

  /// Whether no row has followed another yet.
  var isBeginning: Bool { moments.usual == nil }

  /// A note on gaps, if nearly all rows are equally far apart.
  var notes: [String] { clocks.unusual < moments.unusual ? clocks.notes : moments.notes }

  /// How often distances occur.
  private struct Distances {
    private var found: [Double: (count: Int, line: Int)] = [:]
    private static let maximum = 1000
    /// Steps from which on different distances are told.
    private static let telling = 10

    /// - Parameter line: The line where it does.
    mutating func add(_ distance: Double, line: Int) {
      if found.count < Self.maximum || found[distance] != nil {
        found[distance, default: (0, line)].count += 1
      }
    }

    private var most: (distance: Double, count: Int)? {
      found.max { ($0.value.count, -$0.key) < ($1.value.count, -$1.key) }.map { ($0.key, $0.value.count) }
    }

    var usual: Double? { most?.distance }
    private var all: Int { found.values.reduce(0) { $0 + $1.count } }

    /// Number of distances that are not the commonest one.
    var unusual: Int { all - (most?.count ?? 0) }

    var notes: [String] {
      guard found.count > 1, let most else { return [] }
      if all >= Distances.telling, 2 * most.count < all,
        let least = found.keys.min(), let greatest = found.keys.max()
      {
        return [
          "steps are unevenly spaced in time, from \(least.formatted) to \(greatest.formatted) apart, which models do not"
            + " see; --every with --resample makes them even"
        ]
      }
      guard most.count * 10 >= all * 9 else { return [] }
      let line = found.filter { $0.key != most.distance }.values.map(\.line).min() ?? 0
      return [
        "\(unusual) of \(all) steps in time differ from the usual one of \(most.distance.formatted), first"
          + " on line \(line); rows may be missing"
      ]
    }
  }
}

extension Double {
  /// Without a fraction where there is none.
  fileprivate var formatted: String { self == rounded() && abs(self) < 1e15 ? "\(Int(self))" : "\(self)" }
}

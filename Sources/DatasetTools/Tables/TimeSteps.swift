import Foundation
import WeftBase

/// Distances of consecutive rows in time, and by the local clock, by which days are evenly spaced where clocks change.
struct TimeSteps {
  private var last: (time: Double, clock: Double)?
  private var moments = Distances()
  private var clocks = Distances()
  /// Distances in months; nil if one is no whole number of them.
  private var months: Distances? = Distances()

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
    if months != nil {
      if let count = Self.months(from: last.clock, to: clock) {
        months?.add(Double(count), line: line)
      } else {
        months = nil
      }
    }
    return .ascending
  }

  /// Times beyond which there is no calendar.
  private static let limit = 1e13

  /// The months between two times on the same day of the month, or the last one; nil if there is no whole number of them.
  private static func months(from first: Double, to last: Double) -> Int? {
    guard abs(first) < limit, abs(last) < limit, last - first >= 28 * 86_400 else {
      return nil
    }
    let (begin, end) = (CivilDay(seconds: first), CivilDay(seconds: last))
    let isSameDay = begin.day == end.day || begin.endsMonth && end.endsMonth
    let (beginOfDay, endOfDay) = (first - Double(begin.number) * 86_400, last - Double(end.number) * 86_400)
    return isSameDay && beginOfDay == endOfDay ? end.months - begin.months : nil
  }

  /// The commonest distance; nil for a single row.
  var usual: Double? { moments.usual }

  /// Steps of the season that rows so far apart usually have; nil for none.
  var season: Int? { Workdays.have(clocks.counts) ? 5 : usual.flatMap(ConfigurationRecipe.seasonSteps) }

  /// Whether no row has followed another yet.
  var isBeginning: Bool { moments.usual == nil }

  /// A note on gaps, if nearly all rows are equally far apart.
  var notes: [String] {
    if let months, let most = months.usual {
      return months.notes(usual: most == 1 ? "1 month" : "\(Int(most)) months")
    }
    let steps = clocks.unusual < moments.unusual ? clocks : moments
    return steps.notes(usual: steps.usual?.formatted ?? "")
  }

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
    /// How many steps have each distance.
    var counts: [(seconds: Double, count: Int)] { found.map { ($0.key, $0.value.count) } }
    private var all: Int { found.values.reduce(0) { $0 + $1.count } }

    /// Number of distances that are not the commonest one.
    var unusual: Int { all - (most?.count ?? 0) }

    /// - Parameter usual: The commonest distance.
    func notes(usual: String) -> [String] {
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
        "\(unusual) of \(all) steps in time \(unusual == 1 ? "differs" : "differ") from the usual one of \(usual), first"
          + " on line \(line); rows may be missing"
      ]
    }
  }
}

extension Double {
  /// Without a fraction where there is none.
  fileprivate var formatted: String { self == rounded() && abs(self) < 1e15 ? "\(Int(self))" : "\(self)" }
}

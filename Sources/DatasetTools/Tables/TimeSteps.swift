import Foundation

/// Distances of consecutive rows in time.
struct TimeSteps {
  private var last: Double?
  /// How often a distance occurs, and the line where it first does.
  private var distances: [Double: (count: Int, line: Int)] = [:]
  private static let maximumDistances = 1000

  enum Order {
    case ascending, equal, descending
  }

  /// The next row does not follow the last one.
  mutating func restart() { last = nil }

  mutating func add(_ time: Double, line: Int) -> Order {
    defer { last = time }
    guard let last else { return .ascending }
    if time == last { return .equal }
    if time < last { return .descending }
    let distance = Self.rounded(time - last, at: time)
    if distances.count < Self.maximumDistances || distances[distance] != nil {
      distances[distance, default: (0, line)].count += 1
    }
    return .ascending
  }

  /// A distance without the digits that a time of such a size does not have.
  private static func rounded(_ distance: Double, at time: Double) -> Double {
    let perUnit = pow(10, -log10(16 * max(abs(time), abs(distance)).ulp).rounded(.up))
    return perUnit > 1 && perUnit < 1e18 ? (distance * perUnit).rounded() / perUnit : distance
  }

  /// The commonest distance; nil for a single row.
  var usual: Double? { distances.max { ($0.value.count, -$0.key) < ($1.value.count, -$1.key) }?.key }

  /// A note on gaps, if nearly all rows are equally far apart.
  var notes: [String] {
    let all = distances.values.reduce(0) { $0 + $1.count }
    guard distances.count > 1, let usual = distances.max(by: { $0.value.count < $1.value.count }),
      usual.value.count * 10 >= all * 9
    else { return [] }
    let others = distances.filter { $0.key != usual.key }
    let line = others.values.map(\.line).min() ?? 0
    return [
      "\(all - usual.value.count) of \(all) steps in time differ from the usual one of \(usual.key.formatted), first"
        + " on line \(line); rows may be missing"
    ]
  }
}

extension Double {
  /// Without a fraction where there is none.
  fileprivate var formatted: String { self == rounded() && abs(self) < 1e15 ? "\(Int(self))" : "\(self)" }
}

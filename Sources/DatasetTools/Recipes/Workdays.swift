/// Series of workdays, whose season is a week of five steps.
enum Workdays {
  /// Whether distances of times are mostly a day, and every fifth about three or more, as between Friday and Monday or around
  /// holidays.
  ///
  /// - Parameter distances: In seconds, with the number of steps that have each.
  static func have(_ distances: some Sequence<(seconds: Double, count: Int)>) -> Bool {
    let day = 86_400.0
    var (all, days, weekends) = (0, 0, 0)
    for (seconds, count) in distances {
      all += count
      if seconds == day { days += count }
      if (3 * day...5 * day).contains(seconds) { weekends += count }
    }
    return all >= 10 && days + weekends >= all * 9 / 10
      && (0.15...0.3).contains(Double(weekends) / Double(all))
  }
}

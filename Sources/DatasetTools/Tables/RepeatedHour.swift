/// Tells apart the two times that a clock shows twice in autumn by the rows before, which may ascend or descend.
struct RepeatedHour {
  /// The time of the last row, and its distance from the last one that differs.
  private var last: Double?
  private var distance = 0.0

  /// Whether the time of the next row is the second of two, which are equal but for times that come twice.
  mutating func isSecond(_ first: Double, _ second: Double) -> Bool {
    var isSecond = false
    if let last, first != second {
      // The same time again is the next one of hourly rows, and one of several rows where they are closer.
      let isNext = abs(distance) >= second - first
      isSecond =
        distance < 0
        ? last > second || last == second && !isNext : last > first || last == first && isNext
    }
    let time = isSecond ? second : first
    if let last, time != last { distance = time - last }
    last = time
    return isSecond
  }
}

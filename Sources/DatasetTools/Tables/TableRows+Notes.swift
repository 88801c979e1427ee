extension TableRows {
  /// What was marked as an anomaly.
  var labelNotes: [String] { labels?.notes ?? [] }

  static func rows(_ count: Int) -> String { count == 1 ? "1 row" : "\(count) rows" }

  /// Notes on gaps and doubled times.
  var timeNotes: [String] {
    guard table.timeReading.step != nil else { return times.notes }
    var notes: [String] = []
    if doubled > 0 { notes.append("left out \(Self.rows(doubled)) whose time was there before") }
    if gapSteps > 0 {
      let treatment =
        switch table.missing {
        case .drop: "left"
        case .keep: "wrote NaN in"
        case _ where table.sumsGaps: "wrote sums of 0 in"
        default: "filled (\(table.missing.rawValue))"
        }
      notes.append("\(treatment) \(gapCount == 1 ? "a gap" : "\(gapCount) gaps") of \(Self.rows(gapSteps))")
    }
    return notes
  }
}

extension TimeFormat {
  /// Forms of dates in tables, the more usual first, and of times of day after them.
  private static let dates = [
    "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y.%m.%d", "%Y %m %d", "%d %m %Y",
    "%d.%m.%y",
    "%d/%m/%y", "%m/%d/%y", "%y-%m-%d", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%b %d, %Y", "%b %d %Y",
    "%Y-%b-%d", "%Y %b %d",
    "%a %b %d %Y", "%a, %d %b %Y", "%d%b%Y", "%b-%y", "%b %Y", "%b-%Y", "%Y %b", "%Y-%b", "%m/%Y", "%d/%b/%Y",
    "%Y %m", "%m-%Y",
    "%m.%Y", "%Y%m%d", "%Y M%m", "%d. %b %Y", "%A, %B %d, %Y", "%A, %d. %B %Y",
    "%d %b, %Y", "%d.%b.%Y", "%y%m%d",
  ]
  private static let clocks = [
    "", "%H:%M", "%H:%M:%S", "%H.%M", "%H.%M.%S", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%H", "%H%M",
    "%H:%M %z",
    "%H:%M:%S %z", "%H:%M:%S GMT", "%H%M%S",
  ]
  /// Forms in which the time of day does not follow the date.
  private static let mixed = [
    "%Y %j", "%a %b %d %H:%M:%S %Y", "%H:%M:%S %d/%m/%Y", "%H:%M %d/%m/%Y", "%I:%M %p %m/%d/%Y",
    "%d.%m.%Y %H:%M:%S GMT%z",
  ]

  /// Formats that a text which is not ISO 8601 may be of: several, where the order of day and month is open.
  static func suggestions(for text: String) -> [String] {
    guard text.utf8.count >= 4, text.utf8.count <= 40 else { return [] }
    for clock in clocks {
      for between in clock.isEmpty ? [""] : [" ", "T", ":", ", ", " - ", "_", "-"] {
        // Those of ISO 8601 need no format, but for other times of day.
        let forms = clock.isEmpty ? dates : dates + ["%Y-%m-%d", "%Y/%m/%d"]
        let found = forms.map { $0 + between + clock }.filter { reads(text, $0) }
        // Years of two digits also begin those of four.
        if !found.isEmpty { return Array(found.prefix(2)) }
      }
    }
    return mixed.filter { reads(text, $0) }
  }

  private static func reads(_ text: String, _ format: String) -> Bool {
    if format.contains("%Y"), text.firstMatch(of: /\d{4}/) == nil { return false }
    if format.hasPrefix("%y%m%d"), text.prefixMatch(of: /\d{6}\b/) == nil { return false }
    // A space of a format may stand for nothing.
    guard format.split(separator: " ").count == text.split(whereSeparator: \.isWhitespace).count else {
      return false
    }
    guard case .time(let seconds, _) = TimeFormat(format).read(text) else { return false }
    // Years of two digits and a month are no year of the far future.
    return seconds < Spreadsheet.end
  }

  /// A format with day and month in the other order; nil for one in which they are not numbers side by side.
  static func withDayAndMonthExchanged(_ format: String) -> String? {
    guard let match = format.firstMatch(of: /%(d|m)([-\/. ]?)%(d|m)/), match.1 != match.3,
      // After the year, the month comes first everywhere.
      !format[..<match.range.lowerBound].lowercased().contains("%y")
    else { return nil }
    return format.replacingCharacters(in: match.range, with: "%\(match.3)\(match.2)%\(match.1)")
  }
}

/// Whether all times of a format are also of that with day and month in the other order.
struct DayMonthDoubt {
  private let format: String?
  private let exchanged: TimeFormat?
  /// Whether more times may tell.
  private(set) var isOpen: Bool
  private var differ = false

  /// - Parameter format: The format; nil for none.
  init(_ format: String?) {
    self.format = format.flatMap(TimeFormat.withDayAndMonthExchanged)
    exchanged = self.format.map(TimeFormat.init)
    isOpen = exchanged != nil
  }

  /// - Parameter time: What the format reads in the text; nil for nothing.
  mutating func add(_ text: String, read time: Double?) {
    guard isOpen, let exchanged else { return }
    guard case .time(let other, _) = exchanged.read(MissingValues.trimmed(text)) else {
      isOpen = false
      return
    }
    if let time, other != time { differ = true }
  }

  /// A note on times that both formats read, differently.
  var note: String? {
    guard isOpen, differ, let format else { return nil }
    return "all times are also of the format '\(format)', in which day and month are exchanged"
  }
}

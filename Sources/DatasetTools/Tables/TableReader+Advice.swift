import WeftBase

extension TableReader {
  /// What the user may have meant by a column that does not exist, and what columns there are.
  func advice(for name: String) -> String {
    // Columns without names have numbers.
    let near =
      Int(name) != nil && format.hasHeader
      ? "; --no-header names the columns 1, 2, 3 …"
      : name.nearest(among: names).map { "; did you mean '\($0)'?" } ?? ""
    if names.count == 1, let other = [";", "\t", "|", ",", " "].first(where: names[0].contains) {
      return near + "; its first line is one name, '\(names[0].prefix(60))'; is it separated by"
        + " '\(other == "\t" ? "tab" : other)' (--separator)?"
    }
    let shown = names.prefix(20).map { "'\($0.prefix(60))'" }.joined(separator: ", ")
    return near + "; its columns are \(shown)" + (names.count > 20 ? " and \(names.count - 20) more" : "")
  }
}

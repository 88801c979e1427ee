extension String {
  /// The text as far as a message shows it.
  var abridged: String { count > 60 ? prefix(60) + "…" : self }
}

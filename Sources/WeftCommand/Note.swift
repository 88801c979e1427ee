import WeftBase

/// Prints a note on standard error: something the user should know that does not end the command.
func printNote(_ text: String) {
  StandardStreams.report("weft: note: \(text.asMessage)\n")
}

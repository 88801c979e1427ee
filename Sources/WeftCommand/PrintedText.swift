import Foundation
import WeftBase

/// Prints results on standard output, unbuffered.
///
/// If that fails, for example on a full disk, the process ends with one error line and status 1. If the reader has gone
/// away (`weft … | head`), it ends quietly, with the status of a process that SIGPIPE ended.
func printText(_ text: String, terminator: String = "\n") {
  do {
    if try StandardStreams.print(text + terminator) { return }
    exit(128 + SIGPIPE)
  } catch {
    StandardStreams.report("weft: error: \(error.message)\n")
    exit(error.exitCode)
  }
}

import Foundation
import WeftBase

/// Terminates the process with a one-line error when memory for a tensor cannot be allocated: no computation can
/// continue without it, and Swift would trap. Files already written remain.
func endOutOfMemory(byteCount: Int) -> Never {
  let line =
    "weft: error: \(ProcessName.prefix.withLock { $0 })out of memory (\(byteCount >> 20) MiB requested); reduce the model,"
    + " training.batch, data.window or training.memory_budget\n"
  StandardStreams.report(line)
  UnfinishedFiles.removeAll()
  _exit(1)
}

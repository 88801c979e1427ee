import Foundation
import WeftBase

/// Ends the process with one line when the system has no memory for a tensor: nothing that is being computed can go
/// on without it, and Swift would end the process too, by a trap. What was written stays.
func endOutOfMemory(byteCount: Int) -> Never {
  let line =
    "weft: error: \(ProcessName.prefix.withLock { $0 })there is no memory for another \(byteCount >> 20) MiB; choose a smaller model, training.batch,"
    + " data.window or training.memory_budget\n"
  FileHandle.standardError.write(Data(line.utf8))
  _exit(1)
}

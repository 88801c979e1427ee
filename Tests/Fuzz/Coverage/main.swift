import CFuzzer
import Foundation
import WeftBase

@testable import WeftCommand

// Runs a command of `weft` in this process on the inputs that libFuzzer makes, guided by the code that they reach.
// `WEFT_FUZZ_COMMAND` is the command, such as `import FILE --as safetensors -o OUT`: FILE stands for the input, OUT for
// something that is removed after each run.

let words = (ProcessInfo.processInfo.environment["WEFT_FUZZ_COMMAND"] ?? "").split(separator: " ").map(
  String.init)
guard words.contains("FILE") else {
  StandardStreams.report("WEFT_FUZZ_COMMAND must be a command of weft that reads FILE\n")
  exit(2)
}
let scratch = FileManager.default.temporaryDirectory.appending(path: "weft-coverage-\(getpid())").path
try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
let suffix = ProcessInfo.processInfo.environment["WEFT_FUZZ_SUFFIX"] ?? ""
let (input, output) = ("\(scratch)/input\(suffix)", "\(scratch)/output\(suffix)")
let arguments = words.map { $0 == "FILE" ? input : $0 == "OUT" ? output : $0 }

/// An error is a result as good as any: only crashes, hangs and memory count, which libFuzzer watches.
func test(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard
    FileManager.default.createFile(
      atPath: input, contents: Data(UnsafeBufferPointer(start: data, count: count)))
  else { return -1 }
  do {
    var command = try WeftCommand.parseAsRoot(arguments)
    try command.run()
  } catch { _ = CommandFailure(error) }
  try? FileManager.default.removeItem(atPath: output)
  return 0
}

var count = CommandLine.argc
var values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
let status = LLVMFuzzerRunDriver(&count, &values, test)
try? FileManager.default.removeItem(atPath: scratch)
exit(status)

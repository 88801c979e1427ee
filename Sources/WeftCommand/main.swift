import Foundation
import HDF5

// Hidden: looks at a file in the place of the process that wants to open it. Here, because it comes before every file.
let examination = "examine-file"
if CommandLine.arguments.count == 3, CommandLine.arguments[1] == examination {
  FileProbe.examine(CommandLine.arguments[2])
}
if ProcessInfo.processInfo.environment["WEFT_FILE_PROBE"] != "off", let program = Bundle.main.executablePath {
  FileProbe.enable(program, [examination])
}

MemoryAllocator.keepFreedMemory()

// Every failure is one line on standard error. ArgumentParser's own printing would add the usage and end with exit
// statuses of its own.
//
// Of processes that were started together, one tells how they were called wrongly.
var isSilent = Launcher.isSilent()
do {
  try WeftCommand.checkVerb(in: CommandLine.arguments.dropFirst())
  var command = try WeftCommand.parseAsRoot()
  isSilent = false
  try command.run()
} catch {
  let failure = CommandFailure(error)
  if isSilent { exit(failure.exitCode) }
  if let line = failure.line {
    try? FileHandle.standardError.write(contentsOf: Data("weft: error: \(line)\n".utf8))
  } else if let text = failure.text {
    print(text)
  }
  exit(failure.exitCode)
}

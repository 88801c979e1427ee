import Foundation
import HDF5

// Hidden mode: probes a file on behalf of a process that wants to open it. It comes first, before any file is opened.
let examination = "examine-file"
if CommandLine.arguments.count == 3, CommandLine.arguments[1] == examination {
  FileProbe.examine(CommandLine.arguments[2])
}
if ProcessInfo.processInfo.environment["WEFT_FILE_PROBE"] != "off", let program = Bundle.main.executablePath {
  FileProbe.enable(program, [examination])
}

MemoryAllocator.keepFreedMemory()

// Every failure is one line on standard error. ArgumentParser would add the usage and use its own exit statuses.
//
// Only one of several ranks reports a usage error.
var isSilent = Launcher.isSilent()
do {
  try WeftCommand.checkSubcommand(in: CommandLine.arguments.dropFirst())
  var command = try WeftCommand.parseAsRoot()
  isSilent = false
  try OptionLimits.check(command)
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

import Foundation
import HDF5
import WeftBase

// Before any file is opened, which would take the number of a closed stream.
StandardStreams.openMissing()
// A limit on the size of files is an error of writing.
signal(SIGXFSZ, SIG_IGN)

// Hidden mode: probes files on behalf of a process that wants to open them.
let examination = "examine-file"
if CommandLine.arguments.count >= 3, CommandLine.arguments[1] == examination {
  FileProbe.examine(Array(CommandLine.arguments.dropFirst(2)))
}
if ProcessInfo.processInfo.environment["WEFT_FILE_PROBE"] != "off", let program = ProgramPath.current {
  FileProbe.enable(program, [examination])
}

#if LIBFUZZER
  CoverageFuzzing.run()
#endif
MemoryAllocator.keepFreedMemory()
AllocationFailure.endInOneLine()
UnfinishedFiles.removeAtSignals()

// Every failure is one line on standard error. ArgumentParser would add the usage and use its own exit statuses.
//
// Only one of several ranks reports a usage error.
var isSilent = Launcher.isSilent()
do {
  try CommandArguments.check()
  try NearMiss.checkSubcommands(of: WeftCommand.self, in: CommandLine.arguments.dropFirst())
  var command = try WeftCommand.parseAsRoot(CommandArguments.options)
  isSilent = false
  try OptionLimits.check(command)
  try command.run()
} catch {
  let failure = CommandFailure(error)
  if isSilent {
    if failure.exitCode != 0 { Launcher.awaitReport() }
    exit(failure.exitCode)
  }
  if let text = failure.text { printText(text) }
  if let line = failure.line { StandardStreams.report("weft: error: \(line)\n") }
  exit(failure.exitCode)
}

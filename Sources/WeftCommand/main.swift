import Foundation

// Every failure is one line on standard error. ArgumentParser's own printing would add the usage and end with exit
// statuses of its own.
do {
  try WeftCommand.checkVerb(in: CommandLine.arguments.dropFirst())
  var command = try WeftCommand.parseAsRoot()
  try command.run()
} catch {
  let failure = CommandFailure(error)
  if let line = failure.line {
    try? FileHandle.standardError.write(contentsOf: Data("weft: error: \(line)\n".utf8))
  } else if let text = failure.text {
    print(text)
  }
  exit(failure.exitCode)
}

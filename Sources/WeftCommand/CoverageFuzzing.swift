#if LIBFUZZER
  import CFuzzer
  import Foundation
  import WeftBase

  /// Runs a command of `weft` in this process on the inputs that libFuzzer makes, guided by the code that they reach.
  ///
  /// `WEFT_FUZZ_COMMAND` is the command, such as `import FILE --as safetensors -o OUT`: FILE stands for the input, whose
  /// name ends in `WEFT_FUZZ_SUFFIX`, and OUT for something that is removed after each run.
  enum CoverageFuzzing {
    private static let environment = ProcessInfo.processInfo.environment
    private static let scratch = FileManager.default.temporaryDirectory.appending(
      path: "weft-coverage-\(getpid())"
    ).path
    private static let suffix = environment["WEFT_FUZZ_SUFFIX"] ?? ""
    private static let input = "\(scratch)/input\(suffix)"
    private static let output = "\(scratch)/output\(suffix)"
    private static let arguments = (environment["WEFT_FUZZ_COMMAND"] ?? "").split(separator: " ").map {
      $0 == "FILE" ? input : $0 == "OUT" ? output : String($0)
    }

    /// Fuzzes until a crash, or for as long as the arguments of libFuzzer say.
    static func run() -> Never {
      try? FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
      var count = CommandLine.argc
      var values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
      let status = LLVMFuzzerRunDriver(&count, &values) { CoverageFuzzing.test($0, $1) }
      try? FileManager.default.removeItem(atPath: scratch)
      exit(status)
    }

    /// An error is a result as good as any: only crashes, hangs and memory count, which libFuzzer watches.
    private static func test(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
      let contents = Data(UnsafeBufferPointer(start: data, count: count))
      guard FileManager.default.createFile(atPath: input, contents: contents) else { return -1 }
      do {
        var command = try WeftCommand.parseAsRoot(arguments)
        try command.run()
      } catch { _ = CommandFailure(error) }
      try? FileManager.default.removeItem(atPath: output)
      return 0
    }
  }
#endif

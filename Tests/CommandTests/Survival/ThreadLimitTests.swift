#if os(Linux)
  import Foundation
  import TestSupport
  import Testing

  /// Without memory or permission for its threads, the program ends with one line instead of waiting for them for ever.
  @Suite struct ThreadLimitTests {
    private static func expectEnd(_ result: Command.Result, _ limit: String) {
      // The loader of programs has a status of its own, and so has one that was stopped by `timeout`.
      if result.status == 127 || result.status == 0 { return }
      #expect(result.status == 1, "\(limit): \(result.errors)")
      #expect(
        result.errors.split(separator: "\n").count { $0.hasPrefix("weft: error: ") } == 1,
        "\(limit): \(result.errors)")
    }

    @Test(.disabled(if: Sanitizer.isOn, "a sanitizer needs more address space"), arguments: [1, 2, 8])
    func memory(_ threads: Int) throws {
      try SmallRun.withFolder { folder in
        var refusals = 0
        // With less, the libraries that the program is linked to fail before it starts.
        let found = try stride(from: 100_000, through: 400_000, by: 2_000).first { kilobytes in
          try Command.shell(
            "export SWIFT_BACKTRACE=enable=no; ulimit -v \(kilobytes); exec $WEFT --version", in: folder
          ).status == 0
        }
        let least = try #require(found)
        for (index, kilobytes) in stride(from: least, through: least + 36_000, by: 6_000).enumerated() {
          let result = try Command.shell(
            """
            export SWIFT_BACKTRACE=enable=no
            ulimit -v \(kilobytes); exec timeout -s KILL 60 $WEFT train small.yaml --threads \(threads) --output run\(index)
            """, in: folder)
          Self.expectEnd(result, "\(kilobytes) KiB")
          if result.errors.contains("cannot start a thread: ") { refusals += 1 }
        }
        #expect(refusals > 0)
      }
    }

    @Test(.enabled(if: DiskTests.canBeNobody, "the program cannot be run as a user without privileges"))
    func processes() throws {
      try SmallRun.withFolder { folder in
        _ = try Command.shell("chmod 777 .; chmod a+r *", in: folder)
        let result = try Command.shell(
          """
          export SWIFT_BACKTRACE=enable=no WEFT_FILE_PROBE=off
          exec \(DiskTests.asNobody)bash -c 'ulimit -u 1; exec timeout -s KILL 60 $WEFT train small.yaml --output run'
          """, in: folder)
        _ = try Command.shell("chmod -R a+rwX .", in: folder)
        // `timeout` needs a process of its own, so the limit may end it first.
        #expect(result.status != 137 && result.status != 0, "\(result.errors)")
      }
    }
  }
#endif

#if arch(x86_64)
  import Foundation
  import Testing

  /// CPU requirements of the test program, which contains every module.
  ///
  /// Weft starts on any x86-64 and then chooses kernels; an instruction outside their modules would crash it on an
  /// older CPU. Cross-module optimization and functions merged by the linker could cause that.
  @Suite struct InstructionSetTests {
    /// Instructions of one function.
    private struct Uses {
      /// Instructions of AVX and later.
      var vector = 0
      /// Registers of 256 bits.
      var wide = 0
      /// Registers of AVX-512: 512 bits, masks, and those from number 16 on.
      var widest = 0
    }

    private static let hasDisassembler = ["/usr/bin/objdump", "/usr/local/bin/objdump"].contains {
      FileManager.default.isExecutableFile(atPath: $0)
    }

    /// Swift functions of the program by mangled name; C functions are excluded.
    private static func functions() throws -> [String: Uses] {
      let program = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
      let process = Process()
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments = [
        "-c",
        #"objdump -d --no-show-raw-insn "$1" | grep -E '^[0-9a-f]+ <|[[:space:]]v[a-z]|%[yz]mm|%k[0-7]'"#,
        "sh", program,
      ]
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      try #require(process.terminationStatus == 0)
      let newRegister = #/%zmm|%k[0-7]|%[xy]mm(1[6-9]|2\d|3[01])/#
      var functions: [String: Uses] = [:]
      var name = ""
      for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
        if let start = line.firstIndex(of: "<"), line.hasSuffix(">:") {
          name = String(line[line.index(after: start)...].dropLast(2))
        } else if name.hasPrefix("$s") {
          functions[name, default: Uses()].vector += 1
          if line.contains("%ymm") { functions[name, default: Uses()].wide += 1 }
          if line.contains(newRegister) { functions[name, default: Uses()].widest += 1 }
        }
      }
      return functions
    }

    @Test(.enabled(if: hasDisassembler, "objdump is not installed"))
    func onlyTheKernelsUseWhatNotEveryProcessorHas() throws {
      let functions = try Self.functions()
      let widest = functions.filter { name in
        ["13KernelsAVX512", "17KernelsAVX512BF16", "10KernelsAMX"].contains { name.key.contains($0) }
      }
      let wide = functions.filter { $0.key.contains("7Kernels") && widest[$0.key] == nil }
      #expect(wide.values.filter { $0.wide > 0 }.count > 30, "kernels for AVX2 use its registers")
      #expect(widest.values.filter { $0.widest > 0 }.count > 30, "kernels for AVX-512 use its registers")
      #expect(wide.filter { $0.value.widest > 0 }.keys.sorted().isEmpty, "kernels for AVX2 use no others")
      let others = functions.filter { widest[$0.key] == nil && wide[$0.key] == nil }
      #expect(
        others.filter { $0.value.wide + $0.value.widest > 0 }.keys.sorted().isEmpty,
        "nothing else uses their registers")
      // Vector functions of the standard library may be outlined and shared by all modules.
      let shared = others.keys.filter { ($0.hasPrefix("$ss") || $0.hasPrefix("$sS")) && $0.contains("SIMD") }
      #expect(Set(others.keys).subtracting(shared).sorted().isEmpty, "nothing else uses AVX")
    }
  }
#endif

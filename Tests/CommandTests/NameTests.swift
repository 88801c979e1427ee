import Foundation
import TestSupport
import Testing

/// Names that are not UTF-8 text work, or are one line that tells which.
@Suite struct NameTests {
  @Test func argumentsThatAreNotText() throws {
    try SmallRun.withFolder { folder in
      // With the invalid byte replaced, it would be the name of this file.
      _ = try Command.shell("cp text.h5 'a\u{FFFD}.h5'; cp text.h5 $'a\\xff.h5'", in: folder)
      for (command, number) in [
        ("inspect $'a\\xff.h5'", 2), ("data convert text.h5 -o $'out\\xfe'", 5),
        ("train small.yaml -o $'run\\xc3'", 4), ("$'\\xff'", 1),
      ] {
        let result = try Command.shell("$WEFT \(command)", in: folder)
        #expect(result.status == 2)
        #expect(
          result.errors.hasPrefix("weft: error: argument \(number), '") && result.errors.contains("\\x")
            && result.errors.hasSuffix("', is not UTF-8 text; if it is a path, rename the file\n"))
        #expect(result.errors.split(separator: "\n").count == 1)
      }
      let names = FileManager.default.subpaths(atPath: folder.path) ?? []
      #expect(!names.contains { $0.hasPrefix("out") || $0.hasPrefix("run") })
    }
  }

  @Test func foldersThatAreNotText() throws {
    try SmallRun.withFolder { folder in
      let result = try Command.shell(
        """
        mkdir $'f\\xff'; cp small.yaml text.h5 $'f\\xff'; cp "$WEFT" $'f\\xff/weft'
        cd $'f\\xff' && $WEFT train small.yaml -o run 2> /dev/null && $WEFT inspect run && ./weft inspect text.h5 \
          && touch run/$'checkpoint-\\xfe.h5' && $WEFT inspect run && $WEFT train small.yaml -o run --resume 2> /dev/null \
          && $WEFT export run --to onnx o.onnx > /dev/null; ls o.onnx
        """, in: folder)
      #expect(result.output.contains("run: finished at step 12"))
      #expect(result.output.contains("intact: "))
      #expect(result.output.hasSuffix("o.onnx\n"), "\(result.output) \(result.errors)")
    }
  }

  @Test(.enabled(if: Python.has("h5py"), Python.missing)) func linksThatAreNotText() throws {
    try SmallRun.withFolder { folder in
      let written = try Python.run(
        """
        import h5py
        with h5py.File("text.h5", "a") as f:
            f[b"x\\xff"] = 1
            f.create_group("fine")
        with h5py.File("soft.h5", "w") as f:
            f["soft"] = h5py.SoftLink("/x")
            f.id.links.create_soft(b"other", b"/y\\xfe")
            f["outside"] = h5py.ExternalLink("z.h5", "/x")
        """, in: folder)
      #expect(written.status == 0, "\(written.output)")
      let result = try Command.run("inspect", "text.h5", in: folder)
      #expect(result.status == 1)
      #expect(
        result.errors
          == "weft: error: text.h5: link 'x\\xFF': cannot be read: its name is not UTF-8 text; rename it\n")
      let soft = try Command.run("inspect", "soft.h5", in: folder)
      #expect(soft.status == 0 && soft.output.contains("→ /y\\xFE\n"), "\(soft.output)\(soft.errors)")
    }
  }
}

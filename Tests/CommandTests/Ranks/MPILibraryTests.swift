import Foundation
import MPI
import Testing
import WeftBase

/// One program, in which nothing of MPI is, and the libraries that connect it with each.
@Suite(.enabled(if: MPIRun.program != nil, Comment(rawValue: MPIRun.absence)), .serialized)
struct MPILibraryTests {
  /// The libraries that a program would load.
  private func libraries(_ file: URL) throws -> String {
    try Command.start([file.path], program: URL(filePath: "/usr/bin/ldd"), in: Command.packageFolder).finish()
      .output
  }

  @Test func theProgramNeedsNoMPI() throws {
    let program = try #require(MPIRun.program)
    for file in [program]
      + MPIImplementation.allCases.map({ program.deletingLastPathComponent().appending(path: $0.weftLibrary) }
      )
    {
      #expect(!(try libraries(file)).contains(/libmpi|libmpich|libopen-/), "\(file.path)")
    }
  }

  /// A copy of the program, whose own folder has the files that it is given.
  private func withCopy(_ files: [String: URL?], _ body: (URL, URL) throws -> Void) throws {
    try SmallRun.withFolder { folder in
      let bin = folder.appending(path: "bin")
      try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: true)
      let copy = bin.appending(path: "weft")
      try FileManager.default.copyItem(at: try #require(MPIRun.program), to: copy)
      for (name, source) in files {
        let place = bin.appending(path: name)
        if let source {
          try FileManager.default.copyItem(at: source.resolvingSymlinksInPath(), to: place)
        } else {
          try Data("no library".utf8).write(to: place)
        }
      }
      try body(copy, folder)
    }
  }

  private func expectFailure(_ result: Command.Result, _ parts: String...) {
    #expect(result.status == 1)
    let errors = MPIRun.errors(result)
    #expect(errors.count == 1, "\(result.errors)")
    for part in parts { #expect(errors.first?.contains(part) == true, "\(errors)") }
    #expect(result.output.isEmpty)
  }

  @Test(arguments: MPIImplementation.allCases)
  func withoutItsLibraryOneLineSaysSo(_ mpi: MPIImplementation) throws {
    try withCopy([:]) { program, folder in
      let train = ["train", "small.yaml", "--output", "run"]
      expectFailure(
        try MPIRun.run(2, train, over: mpi, program: program, in: folder),
        "weft: error: 2 processes were started, but ",
        "/lib/weft/\(mpi.weftLibrary), which connects Weft with \(mpi.name), is missing; install a package")
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "run").path))
      // A single process does not ask for it, whoever started it.
      #expect(try MPIRun.run(1, train, over: mpi, program: program, in: folder).status == 0)
    }
  }

  @Test func anotherFileInItsPlaceIsNamed() throws {
    let program = try #require(MPIRun.program)
    let mpich = program.deletingLastPathComponent().appending(path: MPIImplementation.mpich.weftLibrary)
    let train = ["train", "small.yaml", "--output", "run"]
    try withCopy([MPIImplementation.openMPI.weftLibrary: nil]) { copy, folder in
      expectFailure(
        try MPIRun.run(2, train, program: copy, in: folder),
        "libweft-openmpi.so does not fit the Open MPI of this machine: ")
    }
    // The library for MPICH has all its functions in Open MPI, too, but not its handles.
    try withCopy([MPIImplementation.openMPI.weftLibrary: mpich]) { copy, folder in
      expectFailure(
        try MPIRun.run(2, train, program: copy, in: folder),
        "libweft-openmpi.so is for another MPI; install all")
    }
  }

  /// Run with the other MPI than the launcher's, every process would take itself for the only one.
  @Test(.enabled(if: MPIRun.working.contains(.mpich), MPIRun.deafness))
  func anMPIOfAnotherLauncherIsRefused() throws {
    try SmallRun.withFolder { folder in
      let result = try Command.shell(
        "WEFT_MPI=openmpi \(MPIRun.launcher(of: .mpich).joined(separator: " ")) -n 2 \"$WEFT\" train small.yaml"
          + " --output run",
        in: folder)
      #expect(result.status != 0)
      #expect(MPIRun.errors(result).count == 1, "\(result.errors)")
      #expect(
        MPIRun.errors(result).first?.contains("another than the launcher's") == true, "\(result.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "run").path))
    }
  }

  @Test func anMPIThatIsNotInstalledIsNamed() throws {
    let program = try #require(MPIRun.program)
    try SmallRun.withFolder { folder in
      // The variables of a launcher; files that are no libraries hide the true ones.
      let hidden = folder.appending(path: "libmpi")
      try FileManager.default.createDirectory(at: hidden, withIntermediateDirectories: true)
      for name in ["libmpi.so.12", "libmpich.so.12", "libmpi.so"] {
        try Data("no library".utf8).write(to: hidden.appending(path: name))
      }
      let result = try Command.shell(
        "LD_LIBRARY_PATH=\(hidden.path):$LD_LIBRARY_PATH PMI_SIZE=2 PMI_RANK=0 \(program.path) train small.yaml"
          + " --output run", in: folder)
      expectFailure(
        result,
        "weft: error: 2 processes were started, but no library of MPICH can be loaded (",
        "); install MPICH (Debian, Ubuntu: mpich) on every machine, or put the folder of its libraries into")
    }
  }
}

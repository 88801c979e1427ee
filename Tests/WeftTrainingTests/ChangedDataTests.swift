import Foundation
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftTraining

/// A dataset that disappears or changes while it is read ends the run with one line; progress so far is kept.
@Suite struct ChangedDataTests {
  enum Change: String, CaseIterable, Sendable {
    case removed
    case replaced
    case overwritten
    case truncated

    func make(_ path: String) throws {
      let files = FileManager.default
      let bytes = try Data(contentsOf: URL(filePath: path))
      switch self {
      case .removed: try files.removeItem(atPath: path)
      case .replaced:
        try bytes.write(to: URL(filePath: "\(path).new"))
        rename("\(path).new", path)
      case .overwritten:
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.seek(toOffset: UInt64(bytes.count / 2))
        try file.write(contentsOf: Data([1, 2, 3]))
        try file.close()
      case .truncated: truncate(path, off_t(bytes.count / 2))
      }
    }

    var message: String {
      switch self {
      case .removed:
        "disappeared while it was read; restore it and continue with --resume: No such file or directory"
      case .replaced:
        "was replaced by another file while it was read; restore the original and continue with --resume"
      case .overwritten, .truncated:
        "changed while it was read; restore the original and continue with --resume"
      }
    }
  }

  @Test(arguments: Change.allCases, SmallTask.allCases)
  func theRunEndsWithWhatWasLearnedBefore(_ change: Change, _ task: SmallTask) throws {
    let run = try TrainingRun(task)
    let whole = try run.finish("whole")
    let path = run.configuration.data.file
    let bytes = try Data(contentsOf: URL(filePath: path))
    do {
      let trainer = try run.trainer("run")
      let error = #expect(throws: WeftError.self) {
        try trainer.run(onProgress: { if $0.step == 6 { try? change.make(path) } })
      }
      let kept = RunFolder(run.folder.file("run")).checkpoint(step: 6)
      #expect(error?.message == "\(path): \(change.message); the last good checkpoint is \(kept)")
    }
    try bytes.write(to: URL(filePath: path))
    let resumed = try run.finish("run", resume: true)
    #expect(resumed.arrays == whole.arrays)
    #expect(resumed.state == whole.state)
  }

  @Test func aFileThatIsLeftAloneIsTheSame() throws {
    let folder = try TemporaryFolder()
    #expect(FileIdentity(folder.file("a")) == nil)
    try Data([1]).write(to: URL(filePath: folder.file("a")))
    let identity = try #require(FileIdentity(folder.file("a")))
    try identity.check()
    _ = try Data(contentsOf: URL(filePath: folder.file("a")))
    try identity.check()
  }
}

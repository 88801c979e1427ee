import Foundation
import Synchronization
import WeftBase
import WeftTraining

/// A page of runs that is made anew when a run has written something.
final class LivePage: Sendable {
  private struct State: Sendable {
    /// What the files of the runs were like when the page was made.
    var signature = ""
    var html: [UInt8] = []
    var data: [UInt8] = []
    /// Samples of the runs that ended, by folder and the time of their best checkpoint.
    var samples: [String: [RunPage.Sample]] = [:]
    /// What went wrong; empty for nothing.
    var failure = ""
  }

  private let paths: [String]
  private let hasSamples: Bool
  private let threads: Int?
  private let state = Mutex(State())

  init(_ paths: [String], hasSamples: Bool, threads: Int?) {
    self.paths = paths
    self.hasSamples = hasSamples
    self.threads = threads
  }

  /// Makes the page for the first time.
  ///
  /// - Throws: If a folder contains no run.
  func prepare() throws {
    try state.withLock { try refresh(&$0) }
  }

  /// The answer to a request.
  func answer(path: Substring, query: Substring) -> LocalServer.Answer {
    guard path == "/" || path == "/data" else { return .text("404 Not Found") }
    return state.withLock { state in
      do {
        try refresh(&state)
        state.failure = ""
      } catch {
        // A run that is being replaced, for example; the latest page stays.
        state.failure = CommandFailure(error).line ?? "\(error)"
      }
      guard !state.html.isEmpty else { return .text("503 Service Unavailable") }
      if path == "/" { return LocalServer.Answer(body: state.html) }
      if query == "since=\(state.signature)" { return LocalServer.Answer(status: "204 No Content") }
      return LocalServer.Answer(type: "application/json", body: state.data)
    }
  }

  /// Makes the page anew if the files have changed.
  private func refresh(_ state: inout State) throws {
    let signature = Self.signature(paths)
    guard signature != state.signature else { return }
    let runs = RecordedRun.named(try paths.map { path throws(WeftError) in try RecordedRun(path) })
    var samples: [[RunPage.Sample]] = []
    for run in runs {
      // While a run trains, its model changes and the processors are needed.
      guard hasSamples, !RunFolder(run.folder).isAtWork, run.damage == nil else {
        samples.append([])
        continue
      }
      let key = "\(run.folder) \(Self.stamp(RunFolder(run.folder).best))"
      let found = state.samples[key] ?? RunSamples.samples(of: run.folder, threads: threads)
      state.samples[key] = found
      samples.append(found)
    }
    let page = RunPage(runs: runs, samples: samples)
    let contents = page.contents
    let version = Self.hash(
      contents.figures.map { "\($0.kind) \($0.title) \($0.series.map(\.name))" }.joined(separator: "\n")
        + samples.map { "\($0.count)" }.joined(separator: ","))
    let status = runs.map { run in
      let name = runs.count > 1 ? "\(run.name): " : ""
      let step = run.records.last.map { "step \($0.step)" } ?? "no step yet"
      return name + (RunFolder(run.folder).isAtWork ? "running, \(step)" : "ended at \(step)")
    }.joined(separator: "; ")
    state.html = Array(try page.html(live: (status, version)).utf8)
    let members: [(String, JSONText.Value)] = [
      ("version", .text(version)), ("state", .text(signature)), ("status", .text(status)),
      ("summary", .text(contents.summary)), ("figures", .json(try contents.data)),
    ]
    state.data = Array(JSONText.object(members).utf8)
    state.signature = signature
  }

  /// Sizes and times of the files that a page is made of, and which runs are at work.
  private static func signature(_ paths: [String]) -> String {
    hash(
      paths.map { path in
        let folder = RunFolder(path)
        return
          ([folder.metrics, folder.times, folder.gradients, folder.best].map(stamp)
          + [folder.isAtWork ? "at work" : "ended"]).joined(separator: " ")
      }.joined(separator: "\n"))
  }

  private static func stamp(_ path: String) -> String {
    var status = stat()
    guard stat(path, &status) == 0 else { return "none" }
    return "\(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
  }

  /// A short text that differs for other texts (FNV-1a).
  private static func hash(_ text: String) -> String {
    String(
      text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, radix: 16)
  }
}

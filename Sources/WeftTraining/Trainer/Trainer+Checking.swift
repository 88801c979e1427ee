import WeftBase
import WeftData

/// The check of all data in the background of the first epoch.
///
/// Rows are checked when they are read into minibatches. This finds later faults early.
extension Trainer {
  /// Starts the check, unless an earlier run has made it. Rank 0 checks for all.
  func startCheck() {
    guard checksAhead, ranks.isFirst, state.epoch == 0 else { return }
    let known = CheckedBlocks(in: folder, of: loop.fingerprint)?.blocks ?? 0
    let (dataset, split) = (loop.dataset, configuration.data.split)
    let names = [split.train, split.validation].filter { dataset.contains(split: $0) }
    let check = BackgroundCheck(after: known) { try CheckedData(dataset, splits: names) }
    loop.check = check
    check.start()
  }

  /// Less than this is read again sooner than anybody notices.
  private static let leastBytes = 256 << 20

  /// Ends the check; what it has found is kept for a run that resumes in the first epoch.
  func endCheck() throws(WeftError) {
    let check = loop.check
    loop.check = nil
    check?.stop()
    guard ranks.isFirst else { return }
    if state.epoch > 0 {
      folder.removeCheckedData()
    } else if let check, check.byteCount >= Self.leastBytes {
      try CheckedBlocks(data: loop.fingerprint, blocks: check.checked).write(to: folder)
    }
  }
}

/// Identifies this process among the ranks of a run, in errors that terminate it.
package enum ProcessName {
  /// For example `rank 2 on node7: `; empty for a single process.
  package static let prefix = Locked("")
}

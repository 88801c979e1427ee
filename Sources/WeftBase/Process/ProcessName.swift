/// What tells this process from others of the same run, in errors that end it on the spot.
package enum ProcessName {
  /// Such as `rank 2 on node7: `; nothing in a process that is alone.
  package static let prefix = Locked("")
}

import Foundation

/// The CPUs available to this process.
public enum AvailableProcessors {
  /// Number of CPUs that the process may be scheduled on, limited by the quotas of its control groups; at least 1.
  ///
  /// With a container's quota all CPUs of the machine stay visible, but more threads than the quota allows would be
  /// throttled in turn and wait for each other.
  public static let count = count { try? TextFile.contents(of: $0) }

  /// The CPUs that the process may be scheduled on, as ranges; empty if unknown.
  package static var affinity: String {
    (try? TextFile.contents(of: "/proc/self/status")).flatMap(affinity).map(String.init) ?? ""
  }

  /// The count, where `read` returns the text of a file, or nil.
  static func count(read: (String) -> String?) -> Int {
    let schedulable = read("/proc/self/status").flatMap(schedulable) ?? ProcessInfo.processInfo.processorCount
    return max(1, min(schedulable, ControlGroups.quota(read: read) ?? .max))
  }

  /// Number of CPUs in the affinity mask of `/proc/self/status`, a list of ranges: `0-3,8,10-11`.
  static func schedulable(status: String) -> Int? {
    guard let ranges = affinity(status: status) else { return nil }
    var count = 0
    for range in ranges.split(separator: ",") {
      let bounds = range.split(separator: "-").map { Int($0.trimmingCharacters(in: .whitespaces)) }
      guard let first = bounds.first ?? nil, let last = bounds.last ?? nil, first <= last else { return nil }
      count += last - first + 1
    }
    return count == 0 ? nil : count
  }

  private static func affinity(status: String) -> Substring? {
    let label = "Cpus_allowed_list:"
    return status.split(separator: "\n").first { $0.hasPrefix(label) }?.dropFirst(label.count)
  }
}

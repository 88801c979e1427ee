import Foundation

/// The processors that this process may keep busy.
public enum AvailableProcessors {
  /// How many: those the process may be scheduled on, capped by the quotas of its control groups; at least 1.
  ///
  /// A container's quota leaves all the machine's processors visible: more threads than the quota pays for
  /// would be stopped in turn and wait for one another.
  public static let count = count { try? TextFile.contents(of: $0) }

  /// The processors that the process may be scheduled on, as ranges; empty where the kernel does not tell.
  package static var affinity: String {
    (try? TextFile.contents(of: "/proc/self/status")).flatMap(affinity).map(String.init) ?? ""
  }

  /// The count by what `read` gives as the text of a file, or nil.
  static func count(read: (String) -> String?) -> Int {
    let schedulable = read("/proc/self/status").flatMap(schedulable) ?? ProcessInfo.processInfo.processorCount
    return max(1, min(schedulable, ControlGroups.quota(read: read) ?? .max))
  }

  /// The number of processors in the affinity mask that `/proc/self/status` tells as ranges: `0-3,8,10-11`.
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

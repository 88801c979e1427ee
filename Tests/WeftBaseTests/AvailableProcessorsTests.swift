import TestSupport
import Testing

@testable import WeftBase

@Suite struct AvailableProcessorsTests {
  static let unified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
  static let divided = """
    25 17 0:22 / /sys/fs/cgroup ro shared:8 - tmpfs tmpfs ro,mode=755
    29 25 0:26 / /sys/fs/cgroup/memory rw shared:11 - cgroup cgroup rw,memory
    31 25 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:12 - cgroup cgroup rw,cpu,cpuacct

    """

  @Test(arguments: [
    ("0-1", 2), ("0", 1), ("0-3,8,10-11", 7), ("", nil), ("a-b", nil), ("3-1", nil),
  ]) func countsTheAffinityMask(_ ranges: String, _ count: Int?) {
    #expect(
      AvailableProcessors.schedulable(status: "Name:\tx\nCpus_allowed_list:\t\(ranges)\nZ:\t1") == count)
  }

  @Test(arguments: [
    ("max 100000\n", nil), ("200000 100000\n", 2.0), ("50000 100000", 0.5), ("", nil), ("1 2 3", nil),
    ("-1 100000", nil), ("100000 0", nil),
  ]) func readsQuotas(_ text: String, _ processors: Double?) {
    #expect(ControlGroups.quota(max: text) == processors)
  }

  @Test func findsUnifiedGroupsAndTheirAncestors() {
    let folders = ControlGroups.folders(membership: "0::/a.slice/b\n", mounts: Self.unified)
    #expect(folders.map(\.path) == ["/sys/fs/cgroup/a.slice/b", "/sys/fs/cgroup/a.slice", "/sys/fs/cgroup"])
    #expect(folders.allSatisfy { $0.version == .two })
  }

  @Test func findsDividedGroups() {
    let folders = ControlGroups.folders(
      membership: "7:memory:/m\n4:cpu,cpuacct:/job\n1:name=systemd:/s\n", mounts: Self.divided)
    #expect(folders.map(\.path) == ["/sys/fs/cgroup/cpu,cpuacct/job", "/sys/fs/cgroup/cpu,cpuacct"])
    #expect(folders.allSatisfy { $0.version == .one })
  }

  @Test(arguments: ["/docker/abc", "/elsewhere", "/../other", "/docker/abcdef"])
  func staysInsideAContainersMount(_ group: String) {
    let mounts = "30 23 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw"
    let folders = ControlGroups.folders(membership: "0::\(group)", mounts: mounts)
    #expect(folders.map(\.path) == ["/sys/fs/cgroup"])
  }

  @Test func takesTheSmallestLimit() {
    var files = [
      "/proc/self/status": "Cpus_allowed_list:\t0-7\n", "/proc/self/cgroup": "0::/a/b\n",
      "/proc/self/mountinfo": Self.unified, "/sys/fs/cgroup/a/cpu.max": "250000 100000\n",
      "/sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
    ]
    #expect(AvailableProcessors.count { files[$0] } == 3)
    files["/sys/fs/cgroup/a/b/cpu.max"] = "1000 100000\n"
    #expect(AvailableProcessors.count { files[$0] } == 1)
    files["/proc/self/cgroup"] = nil
    #expect(AvailableProcessors.count { files[$0] } == 8)
    #expect(AvailableProcessors.count { _ in nil } >= 1)
    #expect(AvailableProcessors.count >= 1)
  }

  @Test func readsTheOldKindOfQuota() {
    var files = [
      "/proc/self/status": "Cpus_allowed_list:\t0-7\n", "/proc/self/cgroup": "4:cpu,cpuacct:/job\n",
      "/proc/self/mountinfo": Self.divided,
      "/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us": "150000\n",
      "/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us": "100000\n",
    ]
    #expect(AvailableProcessors.count { files[$0] } == 2)
    files["/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us"] = "-1\n"
    #expect(AvailableProcessors.count { files[$0] } == 8)
  }
}

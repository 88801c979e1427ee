/// CPU quotas of the control groups of this process, versions 1 and 2.
///
/// The files read here are described in `cgroups(7)`, `proc_pid_mountinfo(5)` and the kernel's `cgroup-v2` document.
enum ControlGroups {
  /// The smallest quota in CPUs, rounded up; nil without a quota.
  ///
  /// `read` returns the text of a file, or nil.
  static func quota(read: (String) -> String?) -> Int? {
    guard let membership = read("/proc/self/cgroup"), let mounts = read("/proc/self/mountinfo") else {
      return nil
    }
    let quotas = folders(membership: membership, mounts: mounts).compactMap { folder in
      switch folder.version {
      case .one:
        quota(
          micros: read("\(folder.path)/cpu.cfs_quota_us"), period: read("\(folder.path)/cpu.cfs_period_us"))
      case .two: read("\(folder.path)/cpu.max").flatMap(quota(max:))
      }
    }
    return quotas.min().map { max(1, Int($0.rounded(.up))) }
  }

  enum Version {
    case one
    case two
  }

  /// The folder of a control group.
  struct Folder: Equatable {
    let version: Version
    let path: String
  }

  /// The groups of the process and their visible ancestors, each of which limits its descendants.
  static func folders(membership: String, mounts: String) -> [Folder] {
    membership.split(separator: "\n").flatMap { line -> [Folder] in
      // hierarchy:controllers:path
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { return [] }
      let version: Version
      if fields[0] == "0", fields[1].isEmpty {
        version = .two
      } else if fields[1].split(separator: ",").contains("cpu") {
        version = .one
      } else {
        return []
      }
      guard let mount = mount(of: version, in: mounts) else { return [] }
      return ancestors(of: String(fields[2]), below: mount.root).map {
        Folder(version: version, path: mount.point + $0)
      }
    }
  }

  /// `$MAX $PERIOD` or `max $PERIOD`.
  static func quota(max text: String) -> Double? {
    let fields = text.split(whereSeparator: \.isWhitespace)
    guard fields.count == 2 else { return nil }
    return quota(micros: String(fields[0]), period: String(fields[1]))
  }

  static func quota(micros: String?, period: String?) -> Double? {
    guard let micros = micros.flatMap({ Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }),
      let period = period.flatMap({ Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }),
      micros > 0, period > 0
    else { return nil }
    return micros / period
  }

  /// The mount point of the hierarchy that limits CPUs, and the group mounted there.
  private static func mount(of version: Version, in mounts: String) -> (root: String, point: String)? {
    for line in mounts.split(separator: "\n") {
      // id parent device root point options [tags…] - type source options
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else { continue }
      let matches =
        switch version {
        case .one:
          fields[dash + 1] == "cgroup" && fields[dash + 3].split(separator: ",").contains("cpu")
        case .two: fields[dash + 1] == "cgroup2"
        }
      if matches { return (String(fields[3]), String(fields[4])) }
    }
    return nil
  }

  /// `/a/b` gives `/a/b`, `/a` and the empty path of the mount itself, all relative to `root`.
  ///
  /// For a group outside the mount's root, as seen in a container, only the root remains.
  private static func ancestors(of group: String, below root: String) -> [String] {
    let root = root == "/" ? "" : root
    guard group.hasPrefix(root + "/") else { return [""] }
    var parts = group.dropFirst(root.count).split(separator: "/")
    if parts.contains("..") { parts = [] }
    return (0...parts.count).reversed().map { count in
      parts[..<count].map { "/\($0)" }.joined()
    }
  }
}

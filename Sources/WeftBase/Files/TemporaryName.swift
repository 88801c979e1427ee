import Foundation

/// Names of files while they are written: `NAME.OWNER-PROCESS-NUMBER.partial`.
///
/// The owner stands for the machine since its last start, so that the names that a killed process left can be told from
/// those of other processes, also on file systems that machines share.
package enum TemporaryName {
  /// The end of all such names.
  package static let suffix = ".partial"
  /// Names may have 255 bytes; the rest has at most 45.
  private static let maximumStem = 200

  /// A new name in the folder of `path`.
  static func make(for path: String) -> String {
    let (folder, stem) = split(path)
    let number = UInt32.random(in: .min ... .max)
    return "\(folder)\(stem).\(owner)-\(getpid())-\(String(number, radix: 16))\(suffix)"
  }

  /// Removes names that killed writers of `path` have left.
  static func removeAbandoned(for path: String) {
    let (folder, stem) = split(path)
    for name in FolderListing.names(in: folder.isEmpty ? "." : folder)
    where name.hasPrefix("\(stem).") && isAbandoned(name) {
      unlink(folder + name)
    }
  }

  /// Whether the file of this name was left by a process that has ended.
  private static func isAbandoned(_ name: String) -> Bool { process(of: name).map { !isAlive($0) } ?? false }

  /// Whether the file of this name is being written by a process that is alive, as far as this machine can tell.
  package static func isInUse(_ name: String) -> Bool { process(of: name).map(isAlive) ?? false }

  /// The process in a name of this machine; nil for other names.
  private static func process(of name: String) -> pid_t? {
    guard name.hasSuffix(suffix), let dot = name.dropLast(suffix.count).lastIndex(of: ".") else { return nil }
    let parts = name[name.index(after: dot)...].dropLast(suffix.count).split(
      separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == owner, UInt32(parts[2], radix: 16) != nil,
      let process = pid_t(parts[1]),
      process > 0
    else { return nil }
    return process
  }

  private static func isAlive(_ process: pid_t) -> Bool { kill(process, 0) == 0 || errno != ESRCH }

  private static func split(_ path: String) -> (folder: String, stem: String) {
    let start = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path.utf8.index(after: $0) }
    let folder = String(path[..<(start ?? path.startIndex)])
    var stem = String(path[(start ?? path.startIndex)...])
    while stem.utf8.count > maximumStem { stem.removeLast() }
    return (folder, stem)
  }

  /// The machine since its last start, as 8 hexadecimal digits.
  private static let owner: String = {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    var text = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    // Process identifiers are those of a boot and of a namespace.
    text += (try? Array(TextFile.contents(of: "/proc/sys/kernel/random/boot_id").utf8)) ?? []
    var namespace = [CChar](repeating: 0, count: 64)
    readlink("/proc/self/ns/pid", &namespace, namespace.count - 1)
    text += namespace.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    // The hash of Fowler, Noll and Vo.
    let hash = text.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }()
}

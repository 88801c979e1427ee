import CHDF5
import Foundation

/// A resource limit of the process.
package enum ResourceLimit {
  /// Address space in bytes.
  case addressSpace
  /// CPU time in seconds.
  case cpuTime
  /// Size of core dumps in bytes.
  case coreFile
  /// Number of open files.
  case openFiles

  /// The current limit.
  package var value: UInt64 {
    var limits = rlimit()
    return getrlimit(resource, &limits) == 0 ? UInt64(limits.rlim_cur) : .max
  }

  /// Lowers the limit.
  package func lower(to value: UInt64) {
    var limits = rlimit()
    guard getrlimit(resource, &limits) == 0 else { return }
    limits.rlim_cur = min(limits.rlim_cur, rlim_t(value))
    setrlimit(resource, &limits)
  }

  /// Lets the process use this much CPU time from now on, as far as it may.
  static func renewCPUTime(_ seconds: UInt64) {
    var usage = rusage()
    #if os(Linux)
      let status = getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #else
      let status = getrusage(RUSAGE_SELF, &usage)
    #endif
    var limits = rlimit()
    let resource = Self.cpuTime.resource
    guard status == 0, getrlimit(resource, &limits) == 0 else { return }
    let used = UInt64(max(0, usage.ru_utime.tv_sec)) + UInt64(max(0, usage.ru_stime.tv_sec))
    limits.rlim_cur = min(limits.rlim_max, rlim_t(used + 1 + seconds))
    setrlimit(resource, &limits)
  }

  #if os(Linux)
    private var resource: __rlimit_resource_t {
      let resource =
        switch self {
        case .addressSpace: RLIMIT_AS
        case .cpuTime: RLIMIT_CPU
        case .coreFile: RLIMIT_CORE
        case .openFiles: RLIMIT_NOFILE
        }
      return __rlimit_resource_t(resource.rawValue)
    }
  #else
    private var resource: Int32 {
      switch self {
      case .addressSpace: RLIMIT_AS
      case .cpuTime: RLIMIT_CPU
      case .coreFile: RLIMIT_CORE
      case .openFiles: RLIMIT_NOFILE
      }
    }
  #endif
}

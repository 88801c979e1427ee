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

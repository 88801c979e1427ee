import Foundation

/// What this process has used of the machine.
package enum ProcessUsage {
  /// Processor time so far, all threads together.
  package static var processorSeconds: Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

  /// Processor time of the calling thread so far.
  package static var threadSeconds: Double { seconds(CLOCK_THREAD_CPUTIME_ID) }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Bytes of memory that were resident at the same time, at the most.
  package static var peakMemory: Int {
    var usage = rusage()
    #if os(Linux)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return usage.ru_maxrss << 10
    #else
      getrusage(RUSAGE_SELF, &usage)
      return usage.ru_maxrss
    #endif
  }
}

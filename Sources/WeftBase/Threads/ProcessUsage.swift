import Foundation

/// Resource usage of this process.
package enum ProcessUsage {
  /// CPU time of all threads, in seconds.
  package static var processorSeconds: Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

  /// CPU time of the calling thread, in seconds.
  package static var threadSeconds: Double { seconds(CLOCK_THREAD_CPUTIME_ID) }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Resident memory now, in bytes; nil if the system does not tell.
  package static var residentBytes: Int? {
    #if os(Linux)
      guard let file = fopen("/proc/self/statm", "r") else { return nil }
      defer { fclose(file) }
      var text = [CChar](repeating: 0, count: 128)
      guard fgets(&text, Int32(text.count), file) != nil else { return nil }
      let fields = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        .split(separator: " ")
      guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
      let bytes = pages.multipliedReportingOverflow(by: Int(sysconf(Int32(_SC_PAGESIZE))))
      return bytes.overflow ? nil : bytes.partialValue
    #else
      return nil
    #endif
  }

  /// Peak resident memory, in bytes.
  package static var peakMemory: Int {
    var usage = rusage()
    #if os(Linux)
      // What getrusage tells begins with the memory of the process that started this one.
      if let bytes = highWaterMark { return bytes }
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return usage.ru_maxrss << 10
    #else
      getrusage(RUSAGE_SELF, &usage)
      return usage.ru_maxrss
    #endif
  }

  /// `VmHWM`, in bytes; nil if the system does not tell.
  private static var highWaterMark: Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let found = status.firstMatch(of: /VmHWM:\s+(\d+) kB/), let kilobytes = Int(found.output.1)
    else { return nil }
    let bytes = kilobytes.multipliedReportingOverflow(by: 1024)
    return bytes.overflow ? nil : bytes.partialValue
  }
}

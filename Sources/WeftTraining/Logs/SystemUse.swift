import Foundation

/// What this process takes from the machine.
enum SystemUse {
  /// Processor time of all threads so far, in seconds.
  static var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Bytes of memory in use now; nil if the system does not tell.
  static var residentBytes: Int? {
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
}

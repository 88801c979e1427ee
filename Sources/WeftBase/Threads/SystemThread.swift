import Foundation

/// Threads of the system.
///
/// Those of Dispatch are started when work arrives; where the system refuses one, Dispatch waits for it for ever.
enum SystemThread {
  private final class Body {
    let run: () -> Void
    init(_ run: @escaping () -> Void) { self.run = run }
  }

  /// Starts a thread that runs `body`. Terminates the process with a one-line error if the system refuses it: no
  /// computation can continue without it. Files already written remain.
  static func start(_ body: sending @escaping () -> Void) {
    #if os(Linux)
      var thread = pthread_t()
    #else
      var thread: pthread_t?
    #endif
    let context = Unmanaged.passRetained(Body(body))
    let code = pthread_create(
      &thread, nil,
      { context in
        #if os(Linux)
          guard let context else { return nil }
        #endif
        Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    guard code == 0 else {
      StandardStreams.report(
        "weft: error: \(ProcessName.prefix.withLock { $0 })cannot start a thread: \(String(cString: strerror(code)));"
          + " lower --threads, or raise the limits of memory (ulimit -v) and processes (ulimit -u)\n")
      UnfinishedFiles.removeAll()
      _exit(WeftError.Kind.failure.exitCode)
    }
    #if os(Linux)
      pthread_detach(thread)
    #else
      if let thread { pthread_detach(thread) }
    #endif
  }
}

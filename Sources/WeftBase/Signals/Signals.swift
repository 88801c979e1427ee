import Foundation

/// Dispositions of signals.
enum Signals {
  /// Whether the process was started with a signal ignored, as `nohup` does with HUP.
  static func isIgnored(_ number: Int32) -> Bool {
    let handler = signal(number, SIG_IGN)
    signal(number, handler)
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}

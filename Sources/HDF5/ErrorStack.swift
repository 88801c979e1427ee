import CHDF5

/// Messages recorded by the C library for the last failed call on this thread.
enum ErrorStack {
  /// The descriptions, innermost (most specific) first; empty if the library gave no reason.
  static func current() -> [String] {
    final class Collector {
      var descriptions: [String] = []
    }
    let collector = Collector()
    H5Ewalk2(
      0, H5E_WALK_UPWARD,
      { _, entry, context in
        if let description = entry?.pointee.desc, let context {
          let collector = Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue()
          collector.descriptions.append(String(cString: description))
        }
        return 0
      }, Unmanaged.passUnretained(collector).toOpaque())
    H5Eclear2(0)
    return collector.descriptions
  }
}

#if os(Linux)
  import Foundation

  /// Detects within microseconds that a file was created in a folder.
  final class FolderWatch {
    private let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))

    init(_ folder: URL) { inotify_add_watch(descriptor, folder.path, UInt32(IN_CREATE)) }
    deinit { close(descriptor) }

    /// Waits until files with this suffix have been created `count` times.
    ///
    /// - Returns: False after `milliseconds`, or if `isOver` returns true.
    func wait(for suffix: String, count: Int, milliseconds: Int, isOver: () -> Bool) -> Bool {
      let end = ContinuousClock.now + .milliseconds(milliseconds)
      var seen = 0
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while ContinuousClock.now < end, !isOver() {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, 10) > 0 else { continue }
        let length = read(descriptor, &buffer, buffer.count)
        var place = 0
        while place < length {
          let (header, nameLength) = buffer.withUnsafeBytes {
            (MemoryLayout<inotify_event>.size, $0.loadUnaligned(fromByteOffset: place + 12, as: UInt32.self))
          }
          let name = buffer[place + header..<place + header + Int(nameLength)].prefix { $0 != 0 }
          if String(decoding: name, as: UTF8.self).hasSuffix(suffix) { seen += 1 }
          place += header + Int(nameLength)
        }
        if seen >= count { return true }
      }
      return false
    }
  }
#endif

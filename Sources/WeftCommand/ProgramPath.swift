import Foundation

/// Where this program is.
enum ProgramPath {
  /// A path that starts this program again; nil if it is not known.
  static var current: String? {
    #if os(Linux)
      // Also after it was replaced or removed, and whatever the bytes of its path.
      let path = "/proc/self/exe"
      return access(path, X_OK) == 0 ? path : nil
    #else
      return Bundle.main.executablePath
    #endif
  }

  /// Its path, for other programs; nil if it is not known, or not UTF-8 text.
  static var name: String? {
    #if os(Linux)
      var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
      let count = readlink("/proc/self/exe", &bytes, bytes.count)
      return count > 0 && count < bytes.count
        ? String(validating: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    #else
      return Bundle.main.executablePath
    #endif
  }
}

import Foundation
import WeftBase

extension OutputFile {
  /// Replaces `path` by bytes, atomically and durably.
  static func replace(_ path: String, with parts: [Data]) throws(WeftError) {
    let output = try OutputFile(path)
    for part in parts {
      let result = part.withUnsafeBytes { bytes in
        Result { () throws(WeftError) in try output.write(bytes) }
      }
      try result.get()
    }
    try output.publish()
  }
}

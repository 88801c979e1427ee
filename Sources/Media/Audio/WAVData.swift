/// The samples of a WAV file, as its header describes them. Source: Microsoft and IBM, Multimedia Programming Interface
/// and Data Specifications 1.0.
struct WAVData {
  /// Bytes that the header states.
  let stated: Int
  /// Bytes that the file has.
  let present: Int

  /// Whether samples are missing at the end. Some writers count a header or the last byte of padding with the samples.
  var isTruncated: Bool { stated > present + 64 }

  /// Nil if the file is no WAV file, or has been written to a pipe, for which writers state no size, or one that is too
  /// large.
  init?(_ file: SystemFile) {
    let head = file.read(12, at: 0)
    guard head.starts(with: Array("RIFF".utf8)), head.dropFirst(8).elementsEqual("WAVE".utf8) else {
      return nil
    }
    var start = head.count
    // Each chunk has a name and a size, and is padded to an even one.
    for _ in 0..<Self.mostChunks {
      let chunk = file.read(8, at: start)
      guard chunk.count == 8 else { return nil }
      let size = chunk[4...].reversed().reduce(0) { $0 << 8 | Int($1) }
      start += chunk.count
      if chunk.prefix(4).elementsEqual("data".utf8) {
        guard size > 0, size < Self.leastPlaceholder else { return nil }
        (stated, present) = (size, file.size - start)
        return
      }
      start += size + size % 2
    }
    return nil
  }

  /// Chunks before the samples; files have a few.
  private static let mostChunks = 1000
  /// The least of the sizes that stand for one that is not known: 0x7FFFF000, 0x80000000, 0xFFFFFFFF and others.
  private static let leastPlaceholder = 0x7FFF_0000
}

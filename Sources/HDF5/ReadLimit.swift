import Foundation

/// Limits of the memory that a file header can make a reader allocate.
enum ReadLimit {
  /// Data up to this size may be read whatever the file stores, because unwritten parts are legitimate.
  private static let alwaysAllowed = 64 << 20

  /// The largest product of the other dimensions of data without elements.
  static let emptyExtent = 1 << 20

  /// The greatest depth of groups that a walk enters. Paths get longer with every level, so that deep groups take
  /// memory by the square of their depth.
  static let depth = 256

  /// The most chunks of less than this many bytes each.
  static let (smallChunkCount, smallChunk) = (1 << 16, 64)

  /// Deflate, the strongest of the usual filters, reaches 1032:1.
  private static let maximumRatio = 1100

  /// The bytes for `elementCount` elements.
  ///
  /// - Throws: `tooLarge` if they exceed an integer or the machine's memory.
  static func byteCount(
    elementCount: Int?, elementSize: Int, at place: Place, attempt: String
  ) throws(HDF5Error) -> Int {
    guard let elementCount else {
      throw place.error(.tooLarge, attempt, "it claims more elements than can be counted")
    }
    let (bytes, overflow) = elementCount.multipliedReportingOverflow(by: elementSize)
    guard !overflow, UInt64(bytes) <= ProcessInfo.processInfo.physicalMemory else {
      throw place.error(
        .tooLarge, attempt,
        "\(elementCount) elements of \(elementSize) bytes are more than this machine's memory")
    }
    return bytes
  }

  /// Rejects reading a complete dataset that claims far more than the file stores.
  static func checkPlausibility(
    claimed: Int, stored: Int, isCompressedByUnknownFilter: Bool, at place: Place, attempt: String
  ) throws(HDF5Error) {
    if claimed <= alwaysAllowed || isCompressedByUnknownFilter { return }
    if claimed / maximumRatio > stored {
      throw place.error(
        .tooLarge, attempt, "it claims \(claimed) bytes but stores \(stored): read parts of it instead")
    }
  }
}

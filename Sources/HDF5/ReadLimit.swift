import Foundation

/// Bounds on the memory that the header of a file can make a reader ask for.
enum ReadLimit {
  /// Data this small may be read whatever the file stores of them: unwritten parts are legitimate.
  private static let alwaysAllowed = 64 << 20

  /// Deflate, the strongest of the usual filters, reaches 1032:1.
  private static let greatestRatio = 1100

  /// The bytes for `elementCount` elements.
  ///
  /// - Throws: `tooLarge` when they exceed an integer or the machine's memory.
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

  /// Refuses to read a whole dataset that claims far more than the file stores of it.
  static func checkPlausibility(
    claimed: Int, stored: Int, isCompressedByUnknownFilter: Bool, at place: Place, attempt: String
  ) throws(HDF5Error) {
    if claimed <= alwaysAllowed || isCompressedByUnknownFilter { return }
    if claimed / greatestRatio > stored {
      throw place.error(
        .tooLarge, attempt, "it claims \(claimed) bytes but stores \(stored): read parts of it instead")
    }
  }
}

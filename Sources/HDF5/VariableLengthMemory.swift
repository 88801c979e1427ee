import CHDF5
import Foundation

/// Bounds what the C library allocates for values of variable length.
///
/// Their references point into uncompressed heaps, so legitimate contents are no larger than the file; but any number
/// of references may point to the same text.
final class VariableLengthMemory {
  /// For the transfer; valid as long as this object is.
  let transferProperties: Identifier
  private var remaining: Int
  private let limit: Int

  /// What was allocated so far.
  var usedByteCount: Int { limit - remaining }

  /// - Parameter count: the values to be read; each may take a few bytes beside its contents.
  init(count: Int, at place: Place) throws(HDF5Error) {
    let (perValue, overflow) = count.multipliedReportingOverflow(by: 16)
    limit = overflow ? 0 : (try place.fileSize() + (1 << 20)).addingReportingOverflow(perValue).partialValue
    remaining = limit
    let attempt = "cannot prepare to read"
    transferProperties = try place.identifier(attempt) { H5Pcreate(chdf5_dataset_transfer()) }
    let context = Unmanaged.passUnretained(self).toOpaque()
    try place.check(attempt) {
      H5Pset_vlen_mem_manager(transferProperties.value, Self.allocate, context, Self.release, nil)
    }
  }

  private static let allocate: H5MM_allocate_t = { size, context in
    guard let context else { return nil }
    let memory = Unmanaged<VariableLengthMemory>.fromOpaque(context).takeUnretainedValue()
    guard size <= memory.remaining else { return nil }
    memory.remaining -= size
    return malloc(size)
  }

  private static let release: H5MM_free_t = { pointer, _ in free(pointer) }
}

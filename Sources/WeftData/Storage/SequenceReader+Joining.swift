import HDF5
import WeftBase
import WeftConfiguration

extension SequenceReader {
  /// Concatenates the same dataset of several files, read through a store.
  ///
  /// - Throws: If a dataset cannot be read, its shape differs from the first, or its blocks do not fit into the store.
  static func joined(_ readers: [SequenceReader], in store: ChunkStore) throws -> SequenceReader {
    var result = readers[0]
    let extent = try result.dataset.shape.dropFirst()
    for reader in readers.dropFirst()
    where try reader.isVector != result.isVector
      || !result.isVector && reader.dataset.shape.dropFirst() != extent
    {
      throw reader.failure(
        "has the shape \(try reader.dataset.shape) but that of \(result.file) has"
          + " \(try result.dataset.shape): only the first dimension may differ")
    }
    result.coding = try coding(of: readers)
    if case .texts(_, let rowLength) = result.coding {
      result.coding = .texts(readers.flatMap { $0.coding.texts ?? [] }, rowLength: rowLength)
    } else {
      result.stored = try result.joined(
        readers.map { ($0.file, $0.dataset) }, areVectors: result.isVector, in: store)
    }
    if result.mask != nil {
      let masks = try result.joined(
        readers.compactMap { reader in reader.mask.map { ($0.file, $0.dataset) } },
        areVectors: false,
        in: store)
      result.mask?.stored = masks
    }
    result.missing.starts = starts(of: readers)
    result.isPrecise = readers.contains(where: \.isPrecise)
    if readers.contains(where: { $0.packed != result.packed }) { result.packings = readers.map(\.packed) }
    return result
  }

  /// How the files together store classes: as whole numbers of floating point if one of them does.
  ///
  /// - Throws: If equal numbers have different meanings.
  private static func coding(of readers: [SequenceReader]) throws -> ClassCoding {
    let first = readers[0].coding
    var coding = first
    for reader in readers.dropFirst() {
      switch (coding, reader.coding) {
      case (.numbers, .numbers), (.wholeNumbers, .wholeNumbers), (.wholeNumbers, .numbers),
        (.texts, .texts), (.oneHot, .oneHot):
        continue
      case (.numbers, .wholeNumbers): coding = .wholeNumbers
      case (.values(let own), .values(let wanted)) where own == wanted: continue
      default:
        throw reader.failure(
          "has type \(reader.dataset.datatype), but that of \(readers[0].file) has \(readers[0].dataset.datatype), so that"
            + " equal numbers mean different classes; merge them with weft data merge")
      }
    }
    return coding
  }

  private func joined(
    _ datasets: [(file: String, dataset: Dataset)], areVectors: Bool, in store: ChunkStore
  ) throws -> JoinedDataset {
    let stored = try JoinedDataset(datasets, areVectors: areVectors, in: store)
    guard stored.chunkByteCount <= store.limit / 2 else {
      throw failure(
        "its chunks need \(max(1, stored.chunkByteCount >> 10)) KiB each, but of data.memory_budget"
          + " \(ByteCount(store.budget)) one may have \((store.limit / 2) >> 10) KiB; increase it, or rewrite the file"
          + " with smaller chunks")
    }
    return stored
  }

  /// The first steps of all sequences, of concatenated datasets.
  private static func starts(of readers: [SequenceReader]) -> [Int] {
    if readers.count == 1 { return readers[0].missing.starts }
    var (starts, total) = ([Int](), 0)
    for reader in readers {
      starts += reader.missing.starts.map { $0 + total }
      total += (try? reader.dataset.shape.first) ?? 0
    }
    return starts
  }

  /// The same reader, reading through a store.
  ///
  /// - Throws: If the dataset cannot be read, or its blocks do not fit into the store.
  func reading(through store: ChunkStore) throws -> SequenceReader {
    try .joined([self], in: store)
  }
}

import HDF5
import WeftBase

extension DatasetFile {
  /// A fingerprint of the splits that training reads.
  ///
  /// Positions of sequences count completely. Of targets at most `limit` bytes are read in total, and as many of the
  /// other datasets: smaller ones completely, of larger ones evenly spaced chunks. So the time is bounded for files of
  /// any size.
  ///
  /// - Throws: If the data cannot be read.
  package func fingerprint(limit: Int = 64 << 20) throws(WeftError) -> DataFingerprint {
    var names = [data.split.train]
    if contains(split: data.split.validation) { names.append(data.split.validation) }
    do {
      let opened = try names.map { name in
        (name: name, parts: try splits(name).map { (file: $0.file, contents: try $0.split.contents()) })
      }
      let contents = opened.flatMap { $0.parts.flatMap { $0.contents } }
      func shares(_ areTargets: Bool) -> ArraySlice<Int> {
        ByteShares.shares(
          of: contents.filter { $0.isTarget == areTargets }.map(\.byteCount), limit: limit)[...]
      }
      var (targetShares, otherShares) = (shares(true), shares(false))
      return DataFingerprint(
        fileCount: files.count,
        splits: try opened.enumerated().map { index, split in
          DataFingerprint.Split(
            name: split.name, isShuffled: index == 0 && data.shuffle,
            parts: try split.parts.map { part in
              DataFingerprint.Part(
                file: part.file,
                contents: try part.contents.map { content in
                  try content.fingerprint(
                    reading: content.isTarget ? targetShares.removeFirst() : otherShares.removeFirst())
                })
            })
        })
    } catch {
      throw WeftError(error, in: path)
    }
  }
}

/// Divides a number of bytes among datasets.
enum ByteShares {
  /// The share of each dataset: its size, if all fit, otherwise the smaller ones' sizes and equal parts of the rest.
  static func shares(of sizes: [Int], limit: Int) -> [Int] {
    var shares = sizes
    var rest = limit
    let ascending = sizes.indices.sorted { sizes[$0] < sizes[$1] }
    for (place, index) in ascending.enumerated() {
      shares[index] = min(sizes[index], rest / (sizes.count - place))
      rest -= shares[index]
    }
    return shares
  }
}

/// What a fingerprint is taken of.
private enum FingerprintedContent {
  case dataset(ChunkReader, isTarget: Bool)
  /// Classes of texts, read when the split was opened.
  case classes(name: String, [Int32])
  /// Lengths or offsets, read when the split was opened.
  case positions(name: String, SequencePlaces)

  var isTarget: Bool {
    if case .dataset(_, let isTarget) = self { isTarget } else { false }
  }

  /// Bytes to read for a complete checksum.
  var byteCount: Int {
    guard case .dataset(let reader, _) = self else { return 0 }
    let (bytes, overflow) = reader.chunkByteCount.multipliedReportingOverflow(by: reader.grid.count)
    return overflow ? .max : bytes
  }

  /// - Parameter limit: Bytes to read; at least one chunk is read.
  func fingerprint(reading limit: Int) throws -> DataFingerprint.Content {
    var checksum = PositionalChecksum()
    switch self {
    case .classes(let name, let classes):
      checksum.add(classes.map { Int($0) })
      return DataFingerprint.Content(
        name: name, type: "classes", shape: [classes.count], chunks: nil, isComplete: true,
        checksum: checksum.hexadecimal)
    case .positions(let name, let places):
      let values =
        switch places {
        case .dense(let lengths): lengths
        case .ragged(let offsets): offsets
        }
      checksum.add(values)
      return DataFingerprint.Content(
        name: name, type: "positions", shape: [values.count], chunks: nil, isComplete: true,
        checksum: checksum.hexadecimal)
    case .dataset(let reader, _):
      let blocks = Self.sample(
        of: reader.grid.count, count: max(1, limit / max(1, reader.chunkByteCount)))
      let decoder = ChunkDecoder()
      for block in blocks { try reader.add(block: block, to: &checksum, decoder: decoder) }
      return DataFingerprint.Content(
        name: "dataset \(reader.dataset.path)", type: reader.dataset.datatype.description,
        shape: reader.grid.shape, chunks: reader.dataset.chunkShape,
        isComplete: blocks.count == reader.grid.count, checksum: checksum.hexadecimal)
    }
  }

  /// Reading a chunk takes time besides that for its bytes.
  private static let mostBlocks = 1 << 14

  /// Evenly spaced blocks, with the first and the last.
  private static func sample(of all: Int, count: Int) -> [Int] {
    let count = min(count, mostBlocks)
    guard count < all else { return Array(0..<all) }
    return (0..<count - 1).map { $0 * (all / count) } + [count == 1 ? 0 : all - 1]
  }
}

extension Split {
  /// Everything that minibatches are made of, in a fixed order.
  fileprivate func contents() throws -> [FingerprintedContent] {
    func dataset(_ reader: SequenceReader, isTarget: Bool) throws -> FingerprintedContent {
      if let classes = reader.coding.texts {
        return .classes(name: "dataset \(reader.dataset.path)", classes)
      }
      return .dataset(try ChunkReader(reader.dataset), isTarget: isTarget)
    }
    var contents = try inputs.parts.map { try dataset($0, isTarget: false) }
    if let targets { contents.append(try dataset(targets, isTarget: true)) }
    if let mask = targets?.mask { contents.append(.dataset(try ChunkReader(mask.dataset), isTarget: true)) }
    if let weights { contents.append(try dataset(weights, isTarget: true)) }
    if let samplingWeights { contents.append(try dataset(samplingWeights, isTarget: true)) }
    contents += try (covariates?.parts ?? []).map { try dataset($0, isTarget: false) }
    if case .sequences(let places) = layout {
      contents.append(.positions(name: "lengths of the sequences of \(inputs.parts[0].dataset.path)", places))
    }
    if let targets, let targetPlaces {
      contents.append(.positions(name: "lengths of the sequences of \(targets.dataset.path)", targetPlaces))
    }
    return contents
  }
}

extension PositionalChecksum {
  fileprivate var hexadecimal: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

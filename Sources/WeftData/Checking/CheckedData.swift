import HDF5
import WeftBase

/// Datasets to check completely, as a list of blocks.
package struct CheckedData: Sendable {
  private let datasets: [CheckedDataset]
  /// The number of the first block of each dataset, and that of all blocks at the end.
  private let starts: [Int]

  /// All that training reads of some splits.
  ///
  /// - Throws: If a split cannot be opened.
  package init(_ dataset: DatasetFile, splits: [String]) throws(WeftError) {
    var datasets: [CheckedDataset] = []
    do {
      for name in splits {
        for (_, split) in try dataset.splits(name) {
          datasets += try split.fitted(to: dataset.categories).checked()
        }
      }
    } catch { throw WeftError(error, in: dataset.path) }
    self.init(datasets)
  }

  /// Datasets of numbers of which nothing else is known.
  ///
  /// - Throws: If one cannot be opened.
  package init(unknown datasets: [Dataset]) throws(WeftError) {
    do { self.init(try datasets.map { try CheckedDataset($0) }) } catch {
      throw WeftError(error, in: "")
    }
  }

  private init(_ datasets: [CheckedDataset]) {
    self.datasets = datasets
    starts = datasets.map(\.blockCount).offsets
  }

  /// Number of blocks.
  package var blockCount: Int { starts[starts.count - 1] }

  private func find(_ block: Int) -> (dataset: Int, number: Int) {
    let dataset = starts.partition(after: block) - 1
    return (dataset, block - starts[dataset])
  }

  /// Reads everything with all threads.
  ///
  /// - Parameter onBlock: Called with the size of each block in memory, from any thread.
  /// - Returns: All faults, in the order of the datasets.
  package func faults(threads: Int, onBlock: @Sendable (Int) -> Void) -> [DataFault] {
    datasets.flatMap { dataset -> [DataFault] in
      let found = Locked(FaultCollection())
      dataset.scan.forEach(threads: threads) { number, result in
        let own = dataset.faults(in: result, number: number)
        if !own.isEmpty { found.withLock { $0.add(own) } }
        onBlock(dataset.blockByteCount)
      }
      return found.withLock { $0 }.faults(file: dataset.file, dataset: dataset.path)
    }
  }

  /// Size of a block in memory.
  func byteCount(of block: Int) -> Int { datasets[find(block).dataset].blockByteCount }

  /// Reads one block without decoding it.
  func fetch(_ block: Int) -> Result<FetchedChunk, HDF5Error> {
    let (dataset, number) = find(block)
    return datasets[dataset].scan.fetch(number)
  }

  /// The first fault of a block that was read, as an error.
  func failure(in fetched: Result<FetchedChunk, HDF5Error>, block: Int, _ decoder: ChunkDecoder)
    -> WeftError?
  {
    let (index, number) = find(block)
    let dataset = datasets[index]
    let faults = dataset.faults(in: dataset.scan.decode(fetched, number, decoder), number: number).faults(
      file: dataset.file, dataset: dataset.path)
    return faults.first.map { .data("\($0.file): \($0.text)") }
  }
}

extension Split {
  /// What is read of it.
  fileprivate func checked() throws -> [CheckedDataset] {
    let steps: CheckedDataset.Positions =
      switch layout {
      case .stream: .stream
      case .sequences(.dense(let lengths)): .dense(lengths: lengths)
      case .sequences(.ragged(let offsets)): .ragged(offsets: offsets)
      }
    var result = try inputs.parts.enumerated().flatMap { index, part in
      try CheckedDataset.all(part, index < inputs.parts.count - inputs.staticCount ? steps : .rows)
    }
    result += try (covariates?.parts ?? []).flatMap { try CheckedDataset.all($0, steps) }
    result += try (future?.covariates.parts ?? []).flatMap { try CheckedDataset.all($0, .stream) }
    if let samplingWeights { result += try CheckedDataset.all(samplingWeights, .rows) }
    guard let targets else { return result }
    let positions: CheckedDataset.Positions =
      switch (targetPlaces, layout) {
      case (.dense(let lengths)?, _): .dense(lengths: lengths)
      case (.ragged(let offsets)?, _): .ragged(offsets: offsets)
      case (nil, .stream): .stream
      case (nil, .sequences): hasTargetPerStep ? steps : .rows
      }
    // A forecast series is input and target.
    if !inputs.parts.contains(where: {
      $0.dataset.path == targets.dataset.path && $0.file == targets.file
    }) {
      result += try CheckedDataset.all(targets, positions)
    }
    if let weights { result += try CheckedDataset.all(weights, positions) }
    return result
  }
}

import HDF5
import WeftBase

/// A cache of decoded chunks ("blocks") of a split's datasets.
///
/// Planned blocks are prefetched, with one thread at a time reading the file and all threads decoding, and stay until
/// the plan no longer needs them. Unplanned blocks are loaded by the reader, and stay while there is room.
package final class ChunkStore: Sendable {
  /// Memory for blocks and minibatches together, in bytes.
  let budget: Int
  /// Memory for blocks: seven eighths of the budget. The last eighth is for minibatches.
  var limit: Int { budget / 8 * 7 }
  /// Memory for the blocks of one prefetch window: with two windows in memory, there is room for one unplanned block
  /// and one that is being decoded.
  var prefetchWindowLimit: Int { min(budget / 8 * 3, max(0, limit - 2 * largestChunk) / 2) }
  /// Memory for the blocks of a shuffled group: a minibatch may need those of two groups.
  var groupLimit: Int { prefetchWindowLimit / 2 }
  private let largest = Locked(0)
  private var largestChunk: Int { largest.withLock { $0 } }
  private let state: Monitor<State>
  private let workers: [Worker]
  /// Decodes unplanned blocks.
  private let ownDecoder = Locked(ChunkDecoder())

  /// One block of one dataset.
  package struct Key: Hashable, Sendable {
    let dataset: Int32
    let chunk: Int
  }

  /// A thread that fetches and decodes, with its decoder.
  private struct Worker: Sendable {
    let queue: SerialQueue
    let decoder: Locked<ChunkDecoder>
  }

  /// Statistics of the store.
  package struct Usage: Sendable {
    /// Bytes of blocks in memory, being decoded, or waiting for decoding.
    package var liveBytes = 0
    /// Maximum of ``liveBytes``.
    package var peakBytes = 0
    /// Number of blocks loaded, and their decoded size.
    package var chunks = 0
    package var decodedBytes = 0
    /// Thread time spent on reading the file and on decoding, in seconds.
    package var fetchSeconds = 0.0
    package var decodeSeconds = 0.0

    mutating func hold(_ bytes: Int) {
      liveBytes += bytes
      peakBytes = max(peakBytes, liveBytes)
    }
  }

  /// - Parameters:
  ///   - budget: Memory for blocks and minibatches together, in bytes.
  ///   - threads: Threads for fetching and decoding.
  package init(budget: Int, threads: Int) {
    self.budget = budget
    workers = (0..<max(threads, 1)).map {
      _ in Worker(queue: SerialQueue(), decoder: Locked(ChunkDecoder()))
    }
    state = Monitor(State(idleWorkers: Array(workers.indices)))
  }

  /// Adds a dataset and returns its number for keys.
  func add(_ reader: ChunkReader) -> Int32 {
    largest.withLock { $0 = max($0, reader.chunkByteCount) }
    return state.withLock {
      $0.readers.append(reader)
      return Int32($0.readers.count - 1)
    }
  }

  /// Threads for fetching and decoding.
  var threads: Int { workers.count }

  package var usage: Usage { state.withLock { $0.usage } }

  /// Decoded size of a dataset's blocks.
  func chunkByteCount(_ dataset: Int32) -> Int { state.withLock { $0.readers[Int(dataset)].chunkByteCount } }

  /// Whether the numbers of a dataset are read from the file to where they are needed, so that its blocks take no memory.
  func isReadInPlace(_ dataset: Int32) -> Bool { state.withLock { $0.readers[Int(dataset)].isStoredAsRead } }

  // MARK: - Plans

  /// Loads blocks in this order, and keeps each until it has been released `uses` times.
  func plan(_ keys: [(key: Key, uses: Int)]) {
    let woken = state.change { state in
      for (key, uses) in keys {
        if state.slots[key] != nil {
          state.slots[key]?.uses += uses
        } else {
          state.slots[key] = Slot(content: .waiting, uses: uses, bytes: 0)
          state.waiting.append(key)
        }
      }
      return state.takeIdleWorkers()
    }
    wake(woken)
  }

  /// Releases the blocks of a minibatch that has been built.
  func release(_ keys: some Sequence<Key>) {
    state.change { state in
      for key in keys {
        guard let uses = state.slots[key]?.uses, uses > 0 else { continue }
        state.slots[key]?.uses = uses - 1
        if uses == 1 { state.remove(key, keeping: limit) }
      }
    }
  }

  /// Drops all blocks and the rest of the plan, and waits for jobs in progress. Every plan must be ended with this
  /// call, since its threads keep the store and its files in use.
  func forgetPlan() {
    state.change { $0.isClosed = true }
    for worker in workers { worker.queue.wait() }
    state.change { state in
      state.waiting = Queue()
      while let (key, raw) = state.fetched.popFirst() { state.drop(raw, of: key) }
      for (key, slot) in state.slots {
        // An unplanned read by another thread continues.
        if case .loading = slot.content { continue }
        state.remove(key, keeping: 0)
      }
      state.dropRecycled(keeping: 0)
      state.isClosed = false
    }
  }

  private func wake(_ indices: [Int]) {
    for index in indices { workers[index].queue.async { [self] in work(index) } }
  }

  /// Sizes in bytes.
  struct Limits {
    let blocks, fetched, job: Int
  }

  /// Limits the chunks waiting for decoding to as many as keep the threads busy, and jobs to what takes long enough to be
  /// worth handing on.
  private var limits: Limits {
    Limits(blocks: limit, fetched: budget / 32, job: min(budget / 128, 1 << 20))
  }

  /// Fetches and decodes until there are no more jobs.
  private func work(_ index: Int) {
    let limits = limits
    while let job = state.withLock({ $0.nextJob(for: index, workers: workers.count, limits: limits) }) {
      let start = ContinuousClock.now
      switch consume job {
      case .fetch(var blocks):
        let results = blocks.indices.map { blocks[$0].fetch() }
        let seconds = (ContinuousClock.now - start).seconds
        wake(
          state.change { state in
            state.isFetching = false
            state.usage.fetchSeconds += seconds
            for (block, result) in zip(blocks, results) { state.fetched(block.key, result) }
            return state.takeIdleWorkers()
          })
      case .decode(var blocks):
        let results = workers[index].decoder.withLock { decoder in
          blocks.indices.map { index in blocks[index].raw.map { blocks[index].decode($0, decoder) } }
        }
        let seconds = (ContinuousClock.now - start).seconds
        state.change { state in
          state.usage.decodeSeconds += seconds
          for (block, result) in zip(blocks, results) {
            guard let raw = block.raw, let result else { continue }
            state.reuse(raw, workers: workers.count)
            state.finish(block.key, result)
          }
        }
      }
    }
  }

  // MARK: - Reading

  /// A block: waits for it if it is being loaded, and loads it if it is unplanned.
  ///
  /// - Throws: The error of fetching or decoding it.
  func block(_ key: Key) throws(HDF5Error) -> Block {
    enum Found {
      case result(Result<Block, HDF5Error>)
      case absent(Loading)
    }
    let found: Found = state.wait { state -> Found? in
      state.clock += 1
      switch state.slots[key]?.content {
      case .ready(let block):
        state.slots[key]?.lastRead = state.clock
        return .result(.success(block))
      case .failed(let error): return .result(.failure(error))
      case .waiting, .loading: return nil
      case nil:
        let reader = state.readers[Int(key.dataset)]
        state.makeRoom(for: reader.chunkByteCount, limit: limit)
        state.slots[key] = Slot(
          content: .loading, uses: 0, bytes: reader.chunkByteCount, lastRead: state.clock)
        return .absent(Loading(key, reader, buffer: state.begin(reader.chunkByteCount, keeping: limit)))
      }
    }
    switch consume found {
    case .result(let result): return try result.get()
    case .absent(var block):
      let start = ContinuousClock.now
      // The memory is for the decoded block.
      var stored = Loading(key, block.reader, buffer: [])
      let fetched = block.reader.decodesChunks ? stored.fetch() : block.fetch()
      let fetchSeconds = (ContinuousClock.now - start).seconds
      let result: Result<Block, HDF5Error> =
        switch fetched {
        case .success(.block(let block)): .success(block)
        case .success(.filtered(let raw)): ownDecoder.withLock { block.decode(raw, $0) }
        case .failure(let error): .failure(error)
        }
      let seconds = (ContinuousClock.now - start).seconds
      state.change { state in
        state.usage.fetchSeconds += fetchSeconds
        state.usage.decodeSeconds += seconds - fetchSeconds
        state.finish(key, result)
      }
      return try result.get()
    }
  }
}

import Dispatch
import HDF5
import WeftBase

/// Blocks of a split's datasets in memory, with their filters undone.
///
/// What a plan asks for is loaded ahead, one thread at a time fetching from the file and all of them decoding, and
/// stays until the plan has no more use for it. What is read without a plan is loaded by the reader, and stays while
/// there is room.
package final class ChunkStore: Sendable {
  /// Bytes that blocks and minibatches may take together.
  let budget: Int
  /// Bytes that blocks may take: seven eighths of the budget. The last eighth is for minibatches.
  var limit: Int { budget / 8 * 7 }
  /// Bytes that the blocks of one stretch of a plan may take: with two of them in memory there is room for a block that
  /// is read without a plan, and for one that is being decoded.
  var stretchLimit: Int { min(budget / 8 * 3, max(0, limit - 2 * largestChunk) / 2) }
  /// Bytes that the blocks of a group may take that is shuffled: a minibatch may need those of two groups.
  var groupLimit: Int { stretchLimit / 2 }
  private let largest = Locked(0)
  private var largestChunk: Int { largest.withLock { $0 } }
  private let state: Monitor<State>
  private let workers: [Worker]
  /// Decodes what is read without a plan.
  private let ownDecoder = Locked(ChunkDecoder())

  /// One block of one dataset.
  package struct Key: Hashable, Sendable {
    let dataset: Int32
    let chunk: Int
  }

  /// A thread that fetches and decodes, with what it needs for that.
  private struct Worker: Sendable {
    let queue: DispatchQueue
    let decoder: Locked<ChunkDecoder>
  }

  /// What the store has done and held.
  package struct Usage: Sendable {
    /// Bytes of blocks now in memory, being decoded, or waiting to be.
    package var liveBytes = 0
    /// The most there ever were.
    package var peakBytes = 0
    /// Blocks loaded, and their bytes once decoded.
    package var chunks = 0
    package var decodedBytes = 0
    /// Seconds that threads spent on fetching from the file and on undoing filters.
    package var fetchSeconds = 0.0
    package var decodeSeconds = 0.0

    mutating func hold(_ bytes: Int) {
      liveBytes += bytes
      peakBytes = max(peakBytes, liveBytes)
    }
  }

  /// - Parameters:
  ///   - budget: Bytes that blocks and minibatches may take together.
  ///   - threads: Threads that fetch and decode.
  package init(budget: Int, threads: Int) {
    self.budget = budget
    workers = (0..<max(threads, 1)).map {
      Worker(queue: DispatchQueue(label: "weft.decode.\($0)"), decoder: Locked(ChunkDecoder()))
    }
    state = Monitor(State(idleWorkers: Array(workers.indices)))
  }

  /// Adds a dataset; returns its number in keys.
  func add(_ reader: ChunkReader) -> Int32 {
    largest.withLock { $0 = max($0, reader.chunkByteCount) }
    return state.withLock {
      $0.readers.append(reader)
      return Int32($0.readers.count - 1)
    }
  }

  package var usage: Usage { state.withLock { $0.usage } }

  /// The size in memory of a dataset's blocks.
  func chunkByteCount(_ dataset: Int32) -> Int { state.withLock { $0.readers[Int(dataset)].chunkByteCount } }

  // MARK: - Plans

  /// Loads blocks in this order, and keeps each until it was released as often as `uses` says.
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

  /// Tells that a minibatch that needed these blocks was made.
  func release(_ keys: some Sequence<Key>) {
    state.change { state in
      for key in keys {
        guard let uses = state.slots[key]?.uses, uses > 0 else { continue }
        state.slots[key]?.uses = uses - 1
        if uses == 1 { state.remove(key, keeping: limit) }
      }
    }
  }

  /// Drops all blocks and what the plan still wants, and waits for what has begun. Whoever made a plan ends it so:
  /// threads that work on it keep the store, and its files, in use.
  func forgetPlan() {
    state.change { $0.isClosed = true }
    for worker in workers { worker.queue.sync {} }
    state.change { state in
      state.waiting = Queue()
      while let (key, raw) = state.fetched.popFirst() { state.drop(raw, of: key) }
      for (key, slot) in state.slots {
        // What another thread reads without a plan is its own affair.
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

  /// Fetches and decodes until there is nothing left to do.
  private func work(_ index: Int) {
    // No more chunks wait to be decoded than keep the threads busy.
    let mostFetched = (count: workers.count + 1, bytes: budget / 32)
    while let job = state.withLock({ $0.nextJob(for: index, mostFetched: mostFetched, keeping: limit) }) {
      let start = ContinuousClock.now
      switch job {
      case .fetch(let key, let reader, let buffer):
        let result = Result { () throws(HDF5Error) in try reader.fetch(key.chunk, recycling: buffer) }
        let seconds = (ContinuousClock.now - start).seconds
        wake(
          state.change { state in
            state.isFetching = false
            state.usage.fetchSeconds += seconds
            state.fetched(key, result)
            return state.takeIdleWorkers()
          })
      case .decode(let key, let reader, let raw, let buffer):
        let result = workers[index].decoder.withLock { decoder in
          Result { () throws(HDF5Error) in try decoder.decode(raw, reader, key.chunk, recycling: buffer) }
        }
        let seconds = (ContinuousClock.now - start).seconds
        state.change { state in
          state.usage.decodeSeconds += seconds
          state.reuse(raw, workers: workers.count)
          state.finish(key, result)
        }
      }
    }
  }

  // MARK: - Reading

  /// A block, which is waited for if it is on its way, and loaded here if nobody planned it.
  ///
  /// - Throws: What fetching or decoding it threw.
  func chunk(_ key: Key) throws(HDF5Error) -> Chunk {
    enum Found {
      case result(Result<Chunk, HDF5Error>)
      case absent(ChunkReader, buffer: [UInt8])
    }
    let found: Found = state.wait { state -> Found? in
      state.clock += 1
      switch state.slots[key]?.content {
      case .ready(let chunk):
        state.slots[key]?.lastRead = state.clock
        return .result(.success(chunk))
      case .failed(let error): return .result(.failure(error))
      case .waiting, .loading: return nil
      case nil:
        let reader = state.readers[Int(key.dataset)]
        state.makeRoom(for: reader.chunkByteCount, limit: limit)
        state.slots[key] = Slot(
          content: .loading, uses: 0, bytes: reader.chunkByteCount, lastRead: state.clock)
        return .absent(reader, buffer: state.begin(reader.chunkByteCount, keeping: limit))
      }
    }
    switch found {
    case .result(let result): return try result.get()
    case .absent(let reader, let buffer):
      let start = ContinuousClock.now
      var seconds = (fetch: 0.0, decode: 0.0)
      let result = Result { () throws(HDF5Error) -> Chunk in
        let fetched = try reader.fetch(key.chunk, recycling: buffer)
        seconds.fetch = (ContinuousClock.now - start).seconds
        switch fetched {
        case .decoded(let chunk): return chunk
        case .filtered(let raw):
          defer { seconds.decode = (ContinuousClock.now - start).seconds - seconds.fetch }
          return try ownDecoder.withLock { decoder in
            Result { () throws(HDF5Error) in try decoder.decode(raw, reader, key.chunk, recycling: buffer) }
          }.get()
        }
      }
      state.change { state in
        state.usage.fetchSeconds += seconds.fetch
        state.usage.decodeSeconds += seconds.decode
        state.finish(key, result)
      }
      return try result.get()
    }
  }
}

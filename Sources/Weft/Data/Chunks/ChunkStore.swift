import Dispatch
import HDF5

/// Blocks of a split's datasets in memory, with their filters undone.
///
/// What a plan asks for is loaded ahead, one thread at a time fetching from the file and all of them decoding, and
/// stays until the plan has no more use for it. What is read without a plan is loaded by the reader, and stays while
/// there is room.
package final class ChunkStore: Sendable {
  /// Bytes that blocks may take: seven eighths of the budget. The last eighth is for minibatches.
  let limit: Int
  /// Bytes that the blocks of one stretch of a plan may take, and those of a group that is shuffled: with two of them
  /// in memory there is room for what is being decoded.
  let stretchLimit: Int
  let budget: Int
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

  private enum Content {
    case waiting
    case loading
    case ready(Chunk)
    case failed(HDF5Error)
  }

  private struct Slot {
    var content: Content
    /// Minibatches of the plan that still need the block.
    var uses: Int
    var bytes: Int
    /// When it was last read without a plan.
    var lastRead = 0
  }

  private struct State {
    var readers: [ChunkReader] = []
    var slots: [Key: Slot] = [:]
    /// Blocks of the plan in the order of their first use.
    var waiting = Queue<Key>()
    var fetched = Queue<(key: Key, raw: RawChunk)>()
    var isFetching = false
    var idleWorkers: [Int]
    var isClosed = false
    /// Memory of blocks that are gone, for others of the same size.
    var recycled: [Int: [[UInt8]]] = [:]
    var recycledBytes = 0
    var clock = 0
    var usage = Usage()
    /// Bytes that wait to be decoded.
    var fetchedBytes = 0
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
    limit = budget / 8 * 7
    stretchLimit = budget / 8 * 3
    workers = (0..<max(threads, 1)).map {
      Worker(queue: DispatchQueue(label: "weft.decode.\($0)"), decoder: Locked(ChunkDecoder()))
    }
    state = Monitor(State(idleWorkers: Array(workers.indices)))
  }

  /// Adds a dataset; returns its number in keys.
  func add(_ reader: ChunkReader) -> Int32 {
    state.withLock {
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

  private enum Job {
    case fetch(Key, ChunkReader, buffer: [UInt8])
    case decode(Key, ChunkReader, RawChunk, buffer: [UInt8])
  }

  /// Fetches and decodes until there is nothing left to do.
  private func work(_ index: Int) {
    // No more chunks wait to be decoded than keep the threads busy.
    let mostFetched = (count: workers.count + 1, bytes: budget / 16)
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
          state.usage.liveBytes -= raw.bytes.count
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
    let found: Found = state.wait { state in
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
        state.slots[key] = Slot(content: .loading, uses: 0, bytes: reader.chunkByteCount, lastRead: state.clock)
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

extension ChunkStore.State {
  /// Workers to wake, as many as there are jobs.
  fileprivate mutating func takeIdleWorkers() -> [Int] {
    if isClosed { return [] }
    let jobs = fetched.count + (isFetching || waiting.isEmpty ? 0 : 1)
    let woken = Array(idleWorkers.suffix(jobs))
    idleWorkers.removeLast(woken.count)
    return woken
  }

  /// What a worker does next; nil, and the worker counts as idle, when there is nothing.
  fileprivate mutating func nextJob(
    for worker: Int, mostFetched: (count: Int, bytes: Int), keeping limit: Int
  ) -> ChunkStore.Job? {
    let mayFetch =
      fetched.isEmpty || fetched.count < mostFetched.count && fetchedBytes < mostFetched.bytes
    if !isClosed, !isFetching, mayFetch, let key = waiting.popFirst() {
      let reader = readers[Int(key.dataset)]
      isFetching = true
      slots[key]?.content = .loading
      slots[key]?.bytes = reader.chunkByteCount
      let buffer = begin(reader.chunkByteCount, keeping: limit)
      // What is to be decoded gets its memory then.
      if reader.decodesChunks {
        recycle(buffer, keeping: limit)
        return .fetch(key, reader, buffer: [])
      }
      return .fetch(key, reader, buffer: buffer)
    }
    if !isClosed, let (key, raw) = fetched.popFirst() {
      fetchedBytes -= raw.bytes.count
      let reader = readers[Int(key.dataset)]
      return .decode(key, reader, raw, buffer: takeRecycled(reader.chunkByteCount))
    }
    idleWorkers.append(worker)
    return nil
  }

  fileprivate mutating func fetched(_ key: ChunkStore.Key, _ result: Result<FetchedChunk, HDF5Error>) {
    switch result {
    case .success(.decoded(let chunk)): finish(key, .success(chunk))
    case .success(.filtered(let raw)):
      usage.hold(raw.bytes.count)
      fetchedBytes += raw.bytes.count
      fetched.append((key, raw))
    case .failure(let error): finish(key, .failure(error))
    }
  }

  /// Counts the memory of a block that is about to be loaded, and gives some that is no longer needed if there is any
  /// of its size.
  fileprivate mutating func begin(_ byteCount: Int, keeping limit: Int) -> [UInt8] {
    usage.hold(byteCount)
    let buffer = takeRecycled(byteCount)
    dropRecycled(keeping: max(0, limit - usage.liveBytes))
    return buffer
  }

  /// Forgets a block that was fetched but will not be decoded.
  fileprivate mutating func drop(_ raw: RawChunk, of key: ChunkStore.Key) {
    fetchedBytes -= raw.bytes.count
    usage.liveBytes -= raw.bytes.count
    remove(key, keeping: 0)
  }

  /// Puts a block that was loaded in its place.
  fileprivate mutating func finish(_ key: ChunkStore.Key, _ result: Result<Chunk, HDF5Error>) {
    guard let slot = slots[key] else { return }
    switch result {
    case .success(let chunk):
      usage.chunks += 1
      usage.decodedBytes += chunk.bytes.count
      // The library gives less than a whole chunk at the edge.
      usage.liveBytes += chunk.bytes.count - slot.bytes
      slots[key]?.bytes = chunk.bytes.count
      slots[key]?.content = .ready(chunk)
    case .failure(let error):
      usage.liveBytes -= slot.bytes
      slots[key]?.bytes = 0
      slots[key]?.content = .failed(error)
    }
  }

  /// Removes a block that is in memory or could not be loaded, and keeps its memory.
  fileprivate mutating func remove(_ key: ChunkStore.Key, keeping limit: Int) {
    guard let slot = slots.removeValue(forKey: key) else { return }
    usage.liveBytes -= slot.bytes
    if case .ready(let chunk) = slot.content {
      recycle(chunk.bytes, keeping: limit)
    }
  }

  /// Removes blocks that no plan wants, those first that were not read for longest.
  fileprivate mutating func makeRoom(for byteCount: Int, limit: Int) {
    guard usage.liveBytes + byteCount > limit else { return }
    let unplanned = slots.filter { slot in
      if case .ready = slot.value.content { slot.value.uses == 0 } else { false }
    }
    for (key, _) in unplanned.sorted(by: { $0.value.lastRead < $1.value.lastRead })
    where usage.liveBytes + byteCount > limit * 3 / 4 { remove(key, keeping: limit) }
  }

  private mutating func recycle(_ buffer: [UInt8], keeping limit: Int) {
    if buffer.isEmpty { return }
    recycledBytes += buffer.count
    recycled[buffer.count, default: []].append(buffer)
    dropRecycled(keeping: max(0, limit - usage.liveBytes))
  }

  private mutating func takeRecycled(_ byteCount: Int) -> [UInt8] {
    guard let buffer = recycled[byteCount]?.popLast() else { return [] }
    recycledBytes -= byteCount
    return buffer
  }

  fileprivate mutating func dropRecycled(keeping most: Int) {
    while recycledBytes > most, let size = recycled.first(where: { !$0.value.isEmpty })?.key {
      recycled[size]?.removeLast()
      recycledBytes -= size
    }
  }
}

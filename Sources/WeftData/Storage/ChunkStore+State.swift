import HDF5

extension ChunkStore {
  enum Content {
    case waiting
    case loading
    case ready(Block)
    case failed(HDF5Error)
  }

  struct Slot {
    var content: Content
    /// Number of planned minibatches that still need the block.
    var uses: Int
    var bytes: Int
    /// Time of the last unplanned read.
    var lastRead = 0
  }

  struct State {
    var readers: [ChunkReader] = []
    var slots: [Key: Slot] = [:]
    /// Planned blocks in the order of first use.
    var waiting = Queue<Key>()
    var fetched = Queue<(key: Key, raw: FilteredChunk)>()
    var isFetching = false
    var idleWorkers: [Int]
    var isClosed = false
    /// Memory of removed blocks, for others of the same size.
    var recycled: [Int: [[UInt8]]] = [:]
    var recycledBytes = 0
    var clock = 0
    var usage = Usage()
    /// Buffers of decoded bytes, for reuse.
    var spare: [[UInt8]] = []
    /// Fetched bytes that are being decoded or wait for it.
    var fetchedBytes = 0
  }

  /// What the file gives for a block.
  enum Fetched {
    case block(Block)
    /// The bytes to decode.
    case filtered(FilteredChunk)
  }

  /// A block on its way into memory.
  struct Loading {
    let key: Key
    let reader: ChunkReader
    /// The fetched bytes to decode.
    var raw: FilteredChunk?
    /// Memory to reuse.
    private var buffer: [UInt8]

    init(_ key: Key, _ reader: ChunkReader, raw: FilteredChunk? = nil, buffer: [UInt8]) {
      self.key = key
      self.reader = reader
      self.raw = raw
      self.buffer = buffer
    }

    /// Gives the memory away: what is held in two places would be copied when it is written.
    private mutating func takeBuffer() -> [UInt8] {
      let own = buffer
      buffer = []
      return own
    }

    /// Finds the block in the file, or reads it.
    mutating func fetch() -> Result<Fetched, HDF5Error> {
      do {
        if let block = try reader.locate(key.chunk) { return .success(.block(block)) }
        switch try reader.fetch(key.chunk, recycling: takeBuffer()) {
        case .decoded(let chunk): return .success(.block(.decoded(chunk)))
        case .filtered(let raw): return .success(.filtered(raw))
        }
      } catch {
        return .failure(error)
      }
    }

    /// Decodes the fetched bytes.
    mutating func decode(_ raw: FilteredChunk, _ decoder: ChunkDecoder) -> Result<Block, HDF5Error> {
      do {
        return .success(.decoded(try decoder.decode(raw, reader, key.chunk, recycling: takeBuffer())))
      } catch { return .failure(error) }
    }
  }

  /// A job of a worker: small blocks are several, since handing them on takes time.
  enum Job {
    case fetch([Loading])
    case decode([Loading])
  }
}

extension ChunkStore.State {
  /// Removes as many idle workers as there are jobs, to wake them.
  mutating func takeIdleWorkers() -> [Int] {
    if isClosed { return [] }
    let count = min(fetched.count + (isFetching || waiting.isEmpty ? 0 : 1), idleWorkers.count)
    // An array without elements would share its memory with the result.
    if count == 0 { return [] }
    let woken = Array(idleWorkers.suffix(count))
    idleWorkers.removeLast(count)
    return woken
  }

  /// The next job of a worker; nil if there is none, and the worker becomes idle.
  ///
  /// - Parameter limits: Memory for blocks, for those that are fetched and not decoded, and for those of one job.
  mutating func nextJob(for worker: Int, workers: Int, limits: ChunkStore.Limits) -> ChunkStore.Job? {
    let mayFetch =
      fetchedBytes < limits.job || fetched.count <= workers && fetchedBytes < limits.fetched
    if !isClosed, !isFetching, mayFetch, !waiting.isEmpty {
      isFetching = true
      var blocks: [ChunkStore.Loading] = []
      var bytes = 0
      while let key = waiting.next {
        let reader = readers[Int(key.dataset)]
        // Numbers that are read later are only looked for.
        bytes += reader.isStoredAsRead ? reader.chunkByteCount / 16 : reader.chunkByteCount
        if !blocks.isEmpty, bytes > limits.job { break }
        _ = waiting.popFirst()
        blocks.append(beginFetch(key, limit: limits.blocks))
      }
      return .fetch(blocks)
    }
    if !isClosed, !fetched.isEmpty {
      var blocks: [ChunkStore.Loading] = []
      var bytes = 0
      while let (key, raw) = fetched.next {
        let reader = readers[Int(key.dataset)]
        bytes += reader.chunkByteCount
        if !blocks.isEmpty, bytes > limits.job / 4 { break }
        _ = fetched.popFirst()
        blocks.append(
          ChunkStore.Loading(key, reader, raw: raw, buffer: takeRecycled(reader.chunkByteCount)))
      }
      return .decode(blocks)
    }
    idleWorkers.append(worker)
    return nil
  }

  private mutating func beginFetch(_ key: ChunkStore.Key, limit: Int) -> ChunkStore.Loading {
    let reader = readers[Int(key.dataset)]
    makeRoom(for: reader.chunkByteCount, limit: limit)
    slots[key]?.content = .loading
    slots[key]?.bytes = reader.chunkByteCount
    let buffer = begin(reader.chunkByteCount, keeping: limit)
    // Blocks to be decoded get their memory later.
    guard reader.decodesChunks else { return ChunkStore.Loading(key, reader, buffer: buffer) }
    recycle(buffer, keeping: limit)
    return ChunkStore.Loading(key, reader, buffer: spare.popLast() ?? [])
  }

  mutating func fetched(_ key: ChunkStore.Key, _ result: Result<ChunkStore.Fetched, HDF5Error>) {
    switch result {
    case .success(.block(let block)): finish(key, .success(block))
    case .success(.filtered(let raw)):
      usage.hold(raw.memory.count)
      fetchedBytes += raw.memory.count
      fetched.append((key, raw))
    case .failure(let error): finish(key, .failure(error))
    }
  }

  /// Counts the memory of a block to be loaded, and returns a recycled buffer of its size, if there is one.
  mutating func begin(_ byteCount: Int, keeping limit: Int) -> [UInt8] {
    usage.hold(byteCount)
    let buffer = takeRecycled(byteCount)
    dropRecycled(keeping: max(0, limit - usage.liveBytes))
    return buffer
  }

  /// Drops a fetched block that will not be decoded.
  mutating func drop(_ raw: FilteredChunk, of key: ChunkStore.Key) {
    fetchedBytes -= raw.memory.count
    usage.liveBytes -= raw.memory.count
    remove(key, keeping: 0)
  }

  /// Stores a loaded block.
  mutating func finish(_ key: ChunkStore.Key, _ result: Result<Block, HDF5Error>) {
    guard let slot = slots[key] else { return }
    switch result {
    case .success(let block):
      usage.chunks += 1
      usage.decodedBytes += block.byteCount
      // At the edge, the library returns less than a whole chunk; what is read in the file takes next to nothing.
      let bytes = block.memoryByteCount
      usage.liveBytes += bytes - slot.bytes
      slots[key]?.bytes = bytes
      slots[key]?.content = .ready(block)
    case .failure(let error):
      usage.liveBytes -= slot.bytes
      slots[key]?.bytes = 0
      slots[key]?.content = .failed(error)
    }
  }

  /// Removes a block that is loaded or has failed, and recycles its memory.
  mutating func remove(_ key: ChunkStore.Key, keeping limit: Int) {
    guard let slot = slots.removeValue(forKey: key) else { return }
    usage.liveBytes -= slot.bytes
    if case .ready(.decoded(let chunk)) = slot.content {
      recycle(chunk.bytes, keeping: limit)
    }
  }

  /// Removes unplanned blocks, least recently read first.
  mutating func makeRoom(for byteCount: Int, limit: Int) {
    guard usage.liveBytes + byteCount > limit else { return }
    let unplanned = slots.filter { slot in
      if case .ready = slot.value.content { slot.value.uses == 0 } else { false }
    }
    for (key, _) in unplanned.sorted(by: { $0.value.lastRead < $1.value.lastRead })
    where usage.liveBytes + byteCount > limit * 3 / 4 { remove(key, keeping: limit) }
  }

  /// Subtracts the bytes of a decoded block, and keeps their buffer for reuse.
  mutating func reuse(_ raw: FilteredChunk, workers: Int) {
    usage.liveBytes -= raw.memory.count
    fetchedBytes -= raw.memory.count
    if spare.count <= workers { spare.append(raw.memory) }
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

  mutating func dropRecycled(keeping most: Int) {
    if most == 0 { spare = [] }
    while recycledBytes > most, let size = recycled.first(where: { !$0.value.isEmpty })?.key {
      recycled[size]?.removeLast()
      recycledBytes -= size
    }
  }
}

/// Worker `worker`'s share of `count` things: contiguous, and as even as can be.
@inlinable
public func share(of count: Int, worker: Int, workers: Int) -> Range<Int> {
  count * worker / workers..<count * (worker + 1) / workers
}

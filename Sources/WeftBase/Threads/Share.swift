/// The share of a worker in `count` items: contiguous ranges whose sizes differ by at most one.
@inlinable
public func share(of count: Int, worker: Int, workers: Int) -> Range<Int> {
  count * worker / workers..<count * (worker + 1) / workers
}

import WeftBase

/// The items of a reader with what a function makes of each, in their order: the function runs on all cores, for many items
/// at a time that are read ahead.
final class ConcurrentMap<Item: Sendable, Value: Sendable> {
  private let read: () throws(WeftError) -> Item?
  private let size: (Item) -> Int
  private let transform: @Sendable (Item) throws(WeftError) -> Value
  private var ready: ArraySlice<(item: Item, value: Result<Value, WeftError>)> = []
  /// What ended the reading; nil while it goes on.
  private var end: Result<Void, WeftError>?

  /// Bytes of the items that are read ahead, which their values may exceed several times.
  private static var mostBytes: Int { 4 << 20 }
  private static var mostItems: Int { 1 << 14 }

  /// - Parameters:
  ///   - read: Returns the next item; nil after the last one.
  ///   - size: Bytes of an item.
  ///   - transform: Makes the value of an item.
  init(
    _ read: @escaping () throws(WeftError) -> Item?, size: @escaping (Item) -> Int,
    transform: @escaping @Sendable (Item) throws(WeftError) -> Value
  ) {
    (self.read, self.size, self.transform) = (read, size, transform)
  }

  /// The next item with its value; nil after the last one.
  ///
  /// - Throws: What reading the item or making its value throws, once all items before it were returned.
  func next() throws(WeftError) -> (item: Item, value: Value)? {
    if ready.isEmpty { fill() }
    guard let (item, value) = ready.popFirst() else {
      try end?.get()
      return nil
    }
    return (item, try value.get())
  }

  private func fill() {
    guard end == nil else { return }
    var (items, bytes) = ([Item](), 0)
    do throws(WeftError) {
      while items.count < Self.mostItems, bytes < Self.mostBytes {
        guard let item = try read() else {
          end = .success(())
          break
        }
        bytes += size(item)
        items.append(item)
      }
    } catch { end = .failure(error) }
    let transform = transform
    let values = items.concurrentMap { item in
      Result { () throws(WeftError) in try transform(item) }
    }
    ready = zip(items, values).map { ($0, $1) }[...]
  }
}

import Testing
import WeftBase

@testable import DatasetTools

/// Items whose values are made on all cores.
@Suite struct ConcurrentMapTests {
  private static func reader(upTo count: Int, failsAt failure: Int? = nil) -> () throws(WeftError) -> Int? {
    var next = 0
    return { () throws(WeftError) in
      if next == failure { throw .data("item \(next)") }
      guard next < count else { return nil }
      defer { next += 1 }
      return next
    }
  }

  /// More items than are read ahead at a time, by their number and by their bytes.
  @Test(arguments: [(0, 1), (1, 1), (50_000, 1), (100, 1 << 20)]) func valuesHaveTheOrderOfItems(
    count: Int, size: Int
  ) throws {
    let map = ConcurrentMap(Self.reader(upTo: count), size: { _ in size }) { $0 * $0 }
    var found: [Int] = []
    while let (item, value) = try map.next() {
      #expect(value == item * item)
      found.append(item)
    }
    #expect(found == Array(0..<count))
    #expect(try map.next() == nil)
  }

  @Test func failuresFollowTheItemsBeforeThem() throws {
    let reading = ConcurrentMap(Self.reader(upTo: 100, failsAt: 3), size: { _ in 1 }) { -$0 }
    for item in 0..<3 { #expect(try reading.next()?.value == -item) }
    #expect(throws: WeftError.data("item 3")) { try reading.next() }

    let making = ConcurrentMap(Self.reader(upTo: 100), size: { _ in 1 }) { item throws(WeftError) in
      if item >= 2 { throw .data("value of \(item)") }
      return item
    }
    for item in 0..<2 { #expect(try making.next()?.value == item) }
    #expect(throws: WeftError.data("value of 2")) { try making.next() }
  }
}

import DatasetTools
import Testing

@testable import WeftBase

@Suite struct SplitPlanTests {
  @Test func sharesAreNearTheirFractions() throws {
    let plan = try SplitPlan("0.8,0.15,0.05", seed: 3)
    var counts = [0, 0, 0]
    for item in 0..<20_000 { counts[plan.split(of: "item \(item)".utf8)] += 1 }
    for (count, fraction) in zip(counts, plan.fractions) {
      // Four standard deviations of a binomial share.
      let bound = 4 * (20_000 * fraction * (1 - fraction)).squareRoot()
      #expect(abs(Double(count) - 20_000 * fraction) < bound)
    }
  }

  @Test func equalKeysAndSeedsGiveEqualSplits() throws {
    let (plan, other) = (try SplitPlan("0.5,0.5", seed: 1), try SplitPlan("0.5,0.5", seed: 2))
    let keys = (0..<1000).map { "\($0)" }
    #expect(keys.map { plan.split(of: $0.utf8) } == keys.map { plan.split(of: $0.utf8) })
    let moved = keys.filter { plan.split(of: $0.utf8) != other.split(of: $0.utf8) }
    #expect((400...600).contains(moved.count))
  }

  /// Reference values of FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/.
  @Test func hashesAsPublished() {
    var hash = ContentHash()
    hash.add("foo".utf8)
    hash.add("bar".utf8)
    #expect(hash.value == ContentHash("foobar".utf8).value)
    #expect(ContentHash("foobar".utf8).value != ContentHash("foobaz".utf8).value)
  }

  @Test(arguments: ["", "0.9", "0.9,0.2", "1,0", "a,b", "0.25,0.25,0.25,0.25", "nan,1"])
  func wrongFractionsAreRefused(_ text: String) {
    #expect(throws: WeftError.self) { try SplitPlan(text) }
  }
}

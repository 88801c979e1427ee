import Testing

@testable import WeftBase

@Suite struct BoundedNumberTests {
  @Test(arguments: [
    (Double.nan, 0), (.infinity, 1 << 53), (-.infinity, -1 << 53), (1e308, 1 << 53),
    (.leastNonzeroMagnitude, 0), (-2.9, -2),
    (7, 7),
  ]) func anyNumberIsAnInteger(_ value: Double, _ integer: Int) { #expect(Int(limiting: value) == integer) }

  @Test func productsThatOverflowAreNone() {
    #expect([3, 4, 5].boundedProduct == 60)
    #expect([Int]().boundedProduct == 1)
    #expect([1 << 40, 1 << 40].boundedProduct == nil)
    #expect([-1, 4].boundedProduct == nil)
    #expect([Int.min, Int.min].boundedProduct == nil)
  }

  @Test func integersOfJSONAreInRange() {
    #expect(BoundedInteger.json(12) == 12)
    #expect(BoundedInteger.json(Int.max) == nil)
    #expect(BoundedInteger.json(-1) == nil)
    #expect(BoundedInteger.json(1e308) == nil)
    #expect(BoundedInteger.json("12") == nil)
    #expect(throws: WeftError.failure("attribute 'step' is -1, not from 0 to 2147483647")) {
      try BoundedInteger.checked(-1, "attribute 'step'")
    }
  }

  /// Differences of finite numbers may be infinite, and of small ones nothing.
  @Test func sharesAreBetweenZeroAndOne() {
    #expect(1.5.share(from: 1, to: 2) == 0.5)
    #expect(0.0.share(from: -1.7e308, to: 1.7e308) == 0.5)
    let least = Double.leastNonzeroMagnitude
    #expect(least.share(from: least, to: least) == 0.5)
    #expect(9.0.share(from: 1, to: 2) == 1)
    #expect(Double.infinity.share(from: 1, to: 2) == 1)
  }

  @Test func oneIsSingular() {
    #expect(
      [
        (1, "rows"), (2, "rows"), (1, "classes"), (1, "series"), (1, "categories"), (1, "patches"),
        (0, "names"),
      ]
      .map(NumberText.counted)
        == ["1 row", "2 rows", "1 class", "1 series", "1 category", "1 patch", "0 names"])
  }

  @Test func durationsOfAnyNumberOfSeconds() {
    #expect(NumberText.duration(seconds: 125) == "2m05s")
    #expect(NumberText.duration(seconds: .nan) == "0s")
    #expect(NumberText.duration(seconds: -5) == "0s")
    #expect(NumberText.duration(seconds: 9e18) == NumberText.duration(seconds: 1e15))
  }

  /// Time by the square of the length would take hours here.
  @Test func aLongNameIsNearNothing() {
    let name = String(repeating: "x", count: 1 << 20)
    #expect(name.nearest(among: ["xy", name]) == nil)
    #expect("hiden".nearest(among: ["hidden", name]) == "hidden")
  }
}

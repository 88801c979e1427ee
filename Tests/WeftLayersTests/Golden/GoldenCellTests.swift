import TestSupport
import Testing

@Suite("Golden cells") struct GoldenCellTests {
  /// Relative to each dataset's maximum magnitude.
  static let tolerance = 1e-5

  @Test(
    "Outputs, final states and all gradients are PyTorch's, for any workers and lanes",
    arguments: GoldenCell.names, [1, 4, 16])
  func agrees(name: String, lanes: Int) throws {
    let golden = try GoldenCell(name)
    let first = golden.run.run(workers: 1, lanes: lanes)
    for workers in [1, 2, 3] {
      let result = golden.run.run(workers: workers, lanes: lanes)
      #expect(result.differences(from: first) == [], "\(workers) workers")
      for (part, difference) in golden.differences(result) {
        #expect(difference < Self.tolerance, "\(part), \(workers) workers")
      }
    }
  }
}

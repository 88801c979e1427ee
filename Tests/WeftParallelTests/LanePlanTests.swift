import TestSupport
import Testing

@testable import WeftParallel

@Suite("Lane plan") struct LanePlanTests {
  /// The fixed tree over `lanes` lanes as text, by definition: halves of the next power of two, without missing lanes.
  static func tree(_ first: Int, _ size: Int, lanes: Int) -> String {
    if size == 1 { return "\(first)" }
    let lower = tree(first, size / 2, lanes: lanes)
    if first + size / 2 >= lanes { return lower }
    return "(\(lower)+\(tree(first + size / 2, size / 2, lanes: lanes)))"
  }

  @Test("The additions make up the same tree for any number of workers", arguments: 1...33)
  func additionsMakeUpTheTree(lanes: Int) {
    var size = 1
    while size < lanes { size *= 2 }
    let whole = Self.tree(0, size, lanes: lanes)
    for workers in 1...lanes {
      let plan = LanePlan(lanes: lanes, workers: workers)
      #expect(plan.ranges.flatMap(Array.init) == Array(0..<lanes))
      #expect(plan.ranges.allSatisfy { $0.count >= lanes / workers && $0.count <= lanes / workers + 1 })
      var sums = plan.nodes.flatMap(\.self).map { Self.tree($0.first, $0.size, lanes: lanes) }
      for addition in plan.additions {
        sums[addition.target] = "(\(sums[addition.target])+\(sums[addition.source]))"
        sums[addition.source] = "used"
      }
      #expect(sums[0] == whole, "\(workers) workers")
      #expect(sums.dropFirst().allSatisfy { $0 == "used" })
      for worker in 0..<workers {
        let range = plan.ranges[worker]
        let lanes = plan.localNodes(worker: worker).flatMap { Array($0) }
        #expect(lanes == Array(0..<range.count))
      }
    }
  }

  @Test("Partial sums of ranks, reduced by a plan over the ranks, make up the same tree", arguments: 1...20)
  func rootsMakeUpTheTree(lanes: Int) {
    var size = 1
    while size < lanes { size *= 2 }
    let whole = Self.tree(0, size, lanes: lanes)
    for ranks in 1...lanes {
      let between = LanePlan(lanes: lanes, workers: ranks)
      for workers in 1...4 {
        for keepsLanesApart in [false, true] {
          let roots = (0..<ranks).flatMap { rank -> [String] in
            let own = between.ranges[rank]
            let plan = LanePlan(
              lanes: lanes, own: own, workers: min(workers, own.count), keepsLanesApart: keepsLanesApart)
            #expect(plan.ranges.flatMap(Array.init) == Array(own))
            #expect(plan.roots.first == 0)
            var sums = plan.nodes.flatMap(\.self).map { Self.tree($0.first, $0.size, lanes: lanes) }
            for addition in plan.additions {
              sums[addition.target] = "(\(sums[addition.target])+\(sums[addition.source]))"
              sums[addition.source] = "used"
            }
            #expect(sums.filter { $0 != "used" }.count == plan.roots.count)
            return plan.roots.map { sums[$0] }
          }
          var sums = roots
          #expect(sums.count == between.nodes.flatMap(\.self).count)
          for addition in between.additions {
            sums[addition.target] = "(\(sums[addition.target])+\(sums[addition.source]))"
          }
          #expect(sums[0] == whole, "\(ranks) ranks of \(workers) workers")
        }
      }
    }
  }

  @Test("Shards contain every row once, with its lane's rows in order", arguments: [1, 4, 16])
  func shards(lanes: Int) {
    let lengths = [9, 7, 7, 5, 4, 4, 2, 1, 1, 1, 1]
    for workers in 1...min(lanes, 5) {
      let plan = LanePlan(lanes: lanes, workers: workers)
      let shards = ShardPlan(lengths: lengths, lanes: plan)
      #expect(shards.rows.flatMap(\.self).sorted() == lengths.indices.map(Int32.init))
      for (worker, rows) in shards.rows.enumerated() {
        let layout = shards.layouts[worker]
        #expect(layout.lengths == rows.map { lengths[Int($0)] })
        for lane in 0..<layout.lanes {
          let index = layout.laneRows
          let mine = index.rows[index.starts[lane]..<index.starts[lane + 1]].map { Int(rows[Int($0)]) }
          let global = plan.ranges[worker].lowerBound + lane
          #expect(mine == lengths.indices.filter { $0 % lanes == global })
        }
      }
    }
  }
}

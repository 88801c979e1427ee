import WeftData
import WeftLayers
import WeftTensor

extension Executor {
  /// Gathers an array of which every rank has the slices that it updates, on rank 0; nil on other ranks.
  package func collect(_ own: Tensor) -> Tensor? {
    if ranks.count == 1 { return own }
    let whole = ranks.isFirst ? Tensor(rows: 1, columns: module.layout.count) : nil
    ranks.collect(own.matrix, into: whole?.matrix, places: ownership.places)
    return whole
  }

  /// Shares the rows of states computed by each rank with all ranks.
  package func shareRows(of state: RecurrentState) {
    guard let exchange else { return }
    let shares = exchange.plan.ranges.map { RowShare(lanes: exchange.plan.lanes, own: $0) }
    for (_, tensor) in state.tensors {
      let matrix = tensor.matrix
      let rows = shares.map { share in (0..<matrix.rows).filter(share.contains) }
      let own = rows[ranks.rank].flatMap { matrix.rows($0..<$0 + 1).elements }
      let all = ranks.gather(own, counts: rows.map { $0.count * matrix.columns })
      for (number, row) in rows.joined().enumerated() {
        matrix.rows(row..<row + 1).assign(Array(all[number * matrix.columns..<(number + 1) * matrix.columns]))
      }
    }
  }
}

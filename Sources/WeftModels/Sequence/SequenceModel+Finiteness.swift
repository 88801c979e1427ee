import KernelInterface
import WeftLayers
import WeftParallel

extension SequenceModel {
  package func firstNonFinite(_ task: ShardTask, _ shard: Shard) -> NonFiniteActivation? {
    shard.keepsAllSteps = true
    let pass = forward(task.batch.shardInputs(shard), initial: task.initial, shard)
    for final in task.finals { stack.storeFinal(pass.stack, into: final, shard) }
    func step(_ position: Int, _ layout: SequenceLayout) -> Int {
      Int(layout.stepOfPosition[position]) + shard.segment.firstStep
    }
    func row(_ position: Int, _ layout: SequenceLayout) -> Int {
      Int(shard.globalRows[Int(layout.rowOfPosition[position])])
    }

    for (number, (layer, states)) in zip(stack.layers, pass.stack.recurrent.joined()).enumerated() {
      let layout = states.layout
      let nonFinite = (0..<layout.positions).filter {
        !states.hidden.isFinite(row: layout.rows + $0)
          || (layer.hasCellState && !states.cell.matrix.isFinite(row: layout.rows + $0))
      }
      let candidates = nonFinite.map { position in
        let (step, row) = (step(position, layout), row(position, layout))
        return NonFiniteActivation(
          layer: number, time: layer.direction == .forward ? step : -step, row: row,
          place: NonFinitePlace(
            what: "the states of \(stack.tracedLayers[number].name)", step: step, row: row))
      }
      if let first = candidates.min(by: NonFiniteActivation.isEarlier) { return first }
    }

    let layout = pass.stack.shard.layout
    func first(_ stage: Int, _ what: String, where isNonFinite: (Int) -> Bool) -> NonFiniteActivation? {
      let candidates = (0..<pass.outputs.rows).filter(isNonFinite).map { output in
        let row = row(output, layout)
        let step = hasOutputPerStep ? step(output, layout) : nil
        return NonFiniteActivation(
          layer: stack.layers.count + stage, time: step ?? 0, row: row,
          place: NonFinitePlace(what: what, step: step, row: row))
      }
      return candidates.min(by: NonFiniteActivation.isEarlier)
    }
    let outputs = outputs(of: pass, shard)
    if let place = first(0, "the outputs", where: { !outputs.isFinite(row: $0) }) { return place }
    guard let loss = task.loss, task.batch.targets != nil else { return nil }
    let (losses, _) = evaluate(loss, pass, task.batch, scale: 0, shard)
    if !loss.wantsLabels { return first(1, "the loss", where: { !losses[0, $0].isFinite }) }
    // One loss per sequence, regardless of its outputs.
    let nonFinite = (0..<layout.rows).filter { !losses[0, $0].isFinite }.map { Int(shard.globalRows[$0]) }
    return nonFinite.min().map { row in
      NonFiniteActivation(
        layer: stack.layers.count + 1, time: 0, row: row, place: NonFinitePlace(what: "the loss", row: row))
    }
  }
}

extension Matrix {
  fileprivate func isFinite(row: Int) -> Bool { (0..<columns).allSatisfy { self[row, $0].isFinite } }
}

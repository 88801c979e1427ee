import KernelInterface
import WeftLayers
import WeftParallel

extension SequenceModel {
  package func firstNonFinite(_ task: ShardTask, _ shard: Shard) -> NonFiniteActivation? {
    let pass = forward(task.batch.shardInputs(shard), initial: task.initial, shard)
    for final in task.finals { stack.storeFinal(pass.stack, into: final, shard) }
    let layout = shard.layout
    let everyPosition = Array(0..<layout.positions)
    func step(_ position: Int) -> Int { Int(layout.stepOfPosition[position]) + shard.segment.firstStep }
    func row(_ position: Int) -> Int { Int(shard.globalRows[Int(layout.rowOfPosition[position])]) }

    for (number, (layer, states)) in zip(stack.layers, pass.stack.layers.flatMap(\.self)).enumerated() {
      let nonFinite = everyPosition.filter {
        !states.hidden.isFinite(row: layout.rows + $0)
          || (layer.hasCellState && !states.cell.isFinite(row: layout.rows + $0))
      }
      let candidates = nonFinite.map { position in
        let time = layer.direction == .forward ? step(position) : -step(position)
        return NonFiniteActivation(
          layer: number, time: time, row: row(position),
          place: NonFinitePlace(
            what: "the states of \(stack.tracedLayers[number].name)", step: step(position), row: row(position)
          ))
      }
      if let first = candidates.min(by: NonFiniteActivation.isEarlier) { return first }
    }

    func first(_ stage: Int, _ what: String, where isNonFinite: (Int) -> Bool) -> NonFiniteActivation? {
      let candidates = (0..<pass.outputs.rows).filter(isNonFinite).map { output in
        let isStep = outputSteps == .everyStep
        let row = isStep ? row(output) : Int(shard.globalRows[output])
        return NonFiniteActivation(
          layer: stack.layers.count + stage, time: isStep ? step(output) : 0, row: row,
          place: NonFinitePlace(what: what, step: isStep ? step(output) : nil, row: row))
      }
      return candidates.min(by: NonFiniteActivation.isEarlier)
    }
    if let place = first(0, "the outputs", where: { !pass.outputs.isFinite(row: $0) }) { return place }
    guard let loss = task.loss,
      let targets = task.batch.shardTargets(shard, perStep: outputSteps == .everyStep)
    else { return nil }
    let losses = shard.arena.matrix(rows: 1, columns: pass.outputs.rows)
    let correct = shard.arena.matrix(rows: 1, columns: pass.outputs.rows)
    loss.evaluate(
      outputs: pass.outputs, targets: targets, scale: 0, losses: losses, correct: correct, shard)
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

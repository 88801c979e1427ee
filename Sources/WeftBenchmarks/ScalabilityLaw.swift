import WeftTasks

/// Gunther's universal scalability law: X(n) = λn / (1 + σ(n − 1) + κn(n − 1)).
///
/// Gunther, *Guerrilla Capacity Planning* (2007), equation 4.31, with λ as in his later papers.
package struct ScalabilityLaw: Sendable, Equatable {
  /// λ: throughput of one worker.
  package let rate: Double
  /// σ: share of the work that cannot be done at the same time; alone it is Amdahl's law.
  package let contention: Double
  /// κ: what every pair of workers costs to be kept in agreement.
  package let coherency: Double

  package init(rate: Double, contention: Double, coherency: Double) {
    self.rate = rate
    self.contention = contention
    self.coherency = coherency
  }

  /// X(n).
  package func throughput(_ workers: Double) -> Double {
    let others = workers - 1
    return rate * workers / (1 + contention * others + coherency * workers * others)
  }

  /// The number of workers beyond which throughput falls; nil if it never does.
  package var peak: Double? {
    coherency > 0 && contention < 1 ? ((1 - contention) / coherency).squareRoot() : nil
  }
}

extension ScalabilityLaw {
  /// Throughput measured with this many workers.
  package struct Measurement: Sendable, Equatable {
    package let workers: Int
    package let throughput: Double

    package init(workers: Int, throughput: Double) {
      self.workers = workers
      self.throughput = throughput
    }
  }

  /// Whether κ can be distinguished from σ, which needs three different worker counts.
  package static func identifiesCoherency(_ workers: some Sequence<Int>) -> Bool { Set(workers).count > 2 }

  /// The law with the least relative squared error, with σ ≥ 0 and κ ≥ 0; κ is 0 if it cannot be distinguished.
  ///
  /// n/X = a + b(n − 1) + cn(n − 1) is linear in a = 1/λ, b = σ/λ and c = κ/λ. Each equation is multiplied with X/n,
  /// so that its residual is relative to what was measured. The problem is convex: of the solutions with none, one
  /// or both of b and c held at 0, the best one that violates no bound is the optimum.
  ///
  /// - Returns: Nil with fewer than two different numbers of workers.
  package init?(fitting measurements: [Measurement]) {
    let workers = Set(measurements.map(\.workers))
    guard workers.count > 1, measurements.allSatisfy({ $0.workers > 0 && $0.throughput > 0 }) else {
      return nil
    }
    let rows = measurements.map { measurement in
      let n = Double(measurement.workers)
      let weight = measurement.throughput / n
      return [weight, weight * (n - 1), weight * n * (n - 1)]
    }
    let ones = [Double](repeating: 1, count: rows.count)
    let free =
      ScalabilityLaw.identifiesCoherency(workers) ? [[0, 1, 2], [0, 1], [0, 2], [0]] : [[0, 1], [0]]
    var best: (solution: [Double], residual: Double)?
    for columns in free {
      guard let part = leastSquares(rows.map { row in columns.map { row[$0] } }, ones) else { continue }
      var solution = [0.0, 0, 0]
      for (column, value) in zip(columns, part) { solution[column] = value }
      guard solution[0] > 0, solution.allSatisfy({ $0 >= 0 }) else { continue }
      let residual = rows.reduce(0) { sum, row in
        let difference = zip(row, solution).reduce(-1) { $0 + $1.0 * $1.1 }
        return sum + difference * difference
      }
      if best.map({ residual < $0.residual }) ?? true { best = (solution, residual) }
    }
    guard let solution = best?.solution else { return nil }
    self.init(
      rate: 1 / solution[0], contention: solution[1] / solution[0], coherency: solution[2] / solution[0])
  }
}

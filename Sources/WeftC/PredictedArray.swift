import WeftBase

/// The checked sizes of arrays of C's.
struct ArrayShape {
  let steps: Int
  let lengths: [Int]
  /// Outputs of a sequence of all steps.
  let outputCount: Int
  let outputSize: Int

  /// More steps than fit into memory.
  static let mostSteps: Int64 = 1 << 40

  /// - Parameter lengths: `[batch]`; nil if all sequences have all steps.
  /// - Throws: If a size is not possible, or a length not one of a sequence.
  init(
    _ handle: ModelHandle, steps: Int64, batch: Int64, lengths: UnsafePointer<Int64>?
  ) throws(WeftError) {
    guard steps >= 1, batch >= 1 else {
      throw .usage("\(batch) sequences of \(steps) steps: both must be at least 1")
    }
    guard steps <= Self.mostSteps, Self.fits(batch, steps, max(handle.inputSize, 1)),
      Self.fits(batch, handle.predictor.outputCount(Int(steps)), handle.predictor.outputSize)
    else { throw .usage("\(batch) sequences of \(steps) steps do not fit into memory") }
    self.steps = Int(steps)
    self.lengths =
      lengths.map { lengths in (0..<Int(batch)).map { Int(lengths[$0]) } }
      ?? Array(
        repeating: Int(steps), count: Int(batch))
    if let place = self.lengths.firstIndex(where: { !(1...Int(steps)).contains($0) }) {
      throw .usage("sequence \(place) has a length of \(self.lengths[place]), not 1 to \(steps)")
    }
    outputCount = handle.predictor.outputCount(self.steps)
    outputSize = handle.predictor.outputSize
  }

  /// Whether so many numbers have addresses.
  private static func fits(_ sizes: any BinaryInteger...) -> Bool {
    sizes.reduce(Double(MemoryLayout<Double>.stride)) { $0 * Double($1) } < 0x1p47
  }
}

/// The predictions of sequences as an array `[batch, outputs, values]`, NaN after those of shorter sequences.
struct PredictedArray {
  private var values: [Double]
  private let stride: Int

  init(_ shape: ArrayShape) {
    stride = shape.outputCount * shape.outputSize
    values = [Double](repeating: .nan, count: shape.lengths.count * stride)
  }

  /// Sets the predictions of a sequence.
  mutating func add(_ outputs: ArraySlice<Double>, sequence: Int) {
    values.replaceSubrange(sequence * stride..<sequence * stride + outputs.count, with: outputs)
  }

  func copy(to outputs: UnsafeMutablePointer<Double>) { outputs.update(from: values, count: values.count) }
}

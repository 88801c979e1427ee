import HDF5
import WeftBase

extension SequenceReader {
  /// Reads and concatenates blocks of tokens.
  ///
  /// - Parameter count: Steps of all blocks.
  func tokens(_ blocks: [StepBlockPlace], steps count: Int) throws(WeftError) -> [Int32] {
    var tokens = ChunkReader.undefined(count: count, of: Int32.self)
    var step = 0
    for block in blocks {
      let steps = step..<step + block.count.reduce(1, *)
      let counts = try mask?.read(block)
      try decode(block, into: &tokens, steps) { counts?[$0] ?? true }
      if let counts {
        for (index, step) in steps.enumerated() where !counts[index] { tokens[step] = -1 }
      }
      if tokenRange == .classes {
        for step in steps where tokens[step] == TokenRange.ignoredInPyTorch { tokens[step] = -1 }
      }
      if let classNumbers { try translate(&tokens, steps, by: classNumbers, from: block.offset) }
      try check(tokens[steps], from: block.offset)
      step = steps.upperBound
    }
    return tokens
  }

  /// Reads what is stored and decodes it.
  ///
  /// - Parameter counts: Whether a target of the block counts; others may be anything.
  private func decode(
    _ block: StepBlockPlace, into tokens: inout [Int32], _ steps: Range<Int>,
    _ counts: (Int) -> Bool
  ) throws(WeftError) {
    let offset = block.offset
    // A last dimension of one.
    let unit: StepBlockPlace = isScalar ? block : (block.offset + [0], block.count + [1])
    switch coding {
    case .numbers:
      _ = try fill(&tokens, at: steps.lowerBound, StepColumns(width: 1), unit)
    case .values(let classes):
      _ = try fill(&tokens, at: steps.lowerBound, StepColumns(width: 1), unit)
      for step in steps where counts(step - steps.lowerBound) {
        guard let number = classes[tokens[step]] else {
          let value = tokens[step]
          throw failure(at: offset, step: step - steps.lowerBound) {
            "\(value) \($0) is no value of its type"
          }
        }
        tokens[step] = number
      }
    case .wholeNumbers:
      var values = ChunkReader.undefined(count: steps.count, of: Double.self)
      _ = try fill(&values, at: 0, StepColumns(width: 1), unit)
      unpack(&values, steps: 0..<steps.count, StepColumns(width: 1), of: block)
      for (index, value) in values.enumerated() {
        // Padding may be anything, and is replaced by −1.
        guard counts(index) else {
          tokens[steps.lowerBound + index] = -1
          continue
        }
        guard let number = value.isNaN && allowsMissing ? -1 : Int32(exactly: value) else {
          throw failure(at: offset, step: index) { place in
            value.isNaN
              ? "the class \(place) is missing (\(isPacked ? "_FillValue, missing_value or valid_range" : "NaN")); set data.missing_targets to ignore such targets"
              : "class \(value) \(place) is not a whole number"
          }
        }
        tokens[steps.lowerBound + index] = number
      }
    case .oneHot(let count):
      var values = ChunkReader.undefined(count: steps.count * count, of: Float.self)
      _ = try fill(
        &values, at: 0, StepColumns(width: count), (block.offset + [0], block.count + [count]))
      for index in 0..<steps.count where counts(index) {
        guard let number = ClassCoding.position(in: values[index * count..<(index + 1) * count])
        else {
          throw failure(at: offset, step: index) {
            "the row \($0) is not one-hot: a single 1 among zeros"
          }
        }
        tokens[steps.lowerBound + index] = number
      }
    case .texts(let classes, let rowLength):
      let places = block.offset.count == 1 ? nil : block.offset[1]
      let first = block.offset[0] * rowLength + (places ?? 0)
      for (index, step) in steps.enumerated() { tokens[step] = classes[first + index] }
    }
  }

  /// How many of the targets of some blocks are numbers that stand for none: −1, and that which PyTorch's losses ignore.
  func ignoredClasses(in blocks: [StepBlockPlace]) throws(WeftError) -> (own: Int, ofPyTorch: Int, of: Int) {
    var counts = (own: 0, ofPyTorch: 0, of: 0)
    guard tokenRange == .classes else { return counts }
    for block in blocks {
      let unit: StepBlockPlace = isScalar ? block : (block.offset + [0], block.count + [1])
      var values = [Double](repeating: 0, count: block.count.reduce(1, *))
      switch coding {
      case .numbers, .wholeNumbers: _ = try fill(&values, at: 0, StepColumns(width: 1), unit)
      case .values, .oneHot, .texts: return counts
      }
      counts.own += values.count { $0 == -1 }
      counts.ofPyTorch += values.count { $0 == Double(TokenRange.ignoredInPyTorch) }
      counts.of += values.count
    }
    return counts
  }

  /// Replaces the numbers of a file's classes by those of a model.
  private func translate(
    _ tokens: inout [Int32], _ steps: Range<Int>, by numbers: [Int32], from offset: [Int]
  ) throws(WeftError) {
    for step in steps where tokens[step] >= 0 {
      guard tokens[step] < numbers.count else {
        throw failure(at: offset, step: step - steps.lowerBound) { place in
          "class \(tokens[step]) \(place) is not between 0 and \(numbers.count - 1)"
        }
      }
      tokens[step] = numbers[Int(tokens[step])]
    }
  }

  /// Checks the tokens of a block.
  private func check(_ tokens: ArraySlice<Int32>, from offset: [Int]) throws(WeftError) {
    let bound = content.size
    if let index = tokens.firstIndex(where: { $0 < tokenRange.minimum || $0 >= bound }) {
      throw failure(at: offset, step: index - tokens.startIndex) { place in
        "\(tokenRange.name) \(tokens[index]) \(place) is not between 0 and \(bound - 1)"
      }
    }
    if let blank, let index = tokens.firstIndex(of: Int32(blank)) {
      throw failure(at: offset, step: index - tokens.startIndex) { place in
        "class \(blank) \(place) equals loss.blank, which is reserved"
      }
    }
  }
}

extension ClassCoding {
  /// The position of the one in a one-hot row; nil if it is not one-hot.
  static func position(in row: ArraySlice<Float>) -> Int32? {
    guard let place = row.firstIndex(of: 1), row.allSatisfy({ $0 == 0 || $0 == 1 }),
      !row[(place + 1)...].contains(1)
    else { return nil }
    return Int32(place - row.startIndex)
  }
}

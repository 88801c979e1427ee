import KernelInterface

/// Matrix products of bfloat16 operands, in vector instructions: the bits of the matrix units by float32 multiply-adds,
/// which are exact for products of two bfloat16 numbers until they are added.
///
/// A panel of an operand `[depth, columns]` holds pairs of rows, see `BFloat16Pairs`, each of them a vector; the depth is
/// padded with zeros to whole blocks.
package enum BFloat16DotKernels: DotKernels {
  package static var algorithm: DotAlgorithm { .bf16_bf16_f32 }

  /// Steps of the depth come in multiples of this: fewer than a block has, as most steps of padding are not computed.
  static var stepMultiple: Int { 4 }

  @inline(never)
  package static func pack(
    _ source: Matrix, width: Int, into destination: PackedOperand, panels: Range<Int>
  ) {
    assert(destination.depth >= source.rows)
    for panel in panels {
      let (column, count) = panelColumns(panel, width: width)
      destination.fillPairs(panel: panel) { row in
        row < source.rows
          ? Vector.load(source.row(row) + column, count: count) : Vector(repeating: 0)
      }
    }
  }

  @inline(never)
  package static func packTransposed(
    _ source: Matrix, width: Int, into destination: PackedOperand, panels: Range<Int>
  ) {
    let gates = source.columns / width
    let gateDepth = destination.depth / gates
    assert(gateDepth == VectorWidth.padded(width) || gateDepth == width)
    for panel in panels {
      let first = panel * PackedOperand.panelColumns
      let count = min(PackedOperand.panelColumns, source.rows - first)
      var (gate, unit) = (0, 0)
      destination.fillPairs(panel: panel) { _ in
        var value = Vector(repeating: 0)
        if gate < gates, unit < width {
          for index in 0..<count { value[index] = source[first + index, gate * width + unit] }
        }
        unit += 1
        if unit == gateDepth { (gate, unit) = (gate + 1, 0) }
        return value
      }
    }
  }
}

extension PackedOperand {
  /// Packs a panel of the rows that `row` gives; it is asked for each in order, and for padding.
  @inline(always)
  fileprivate func fillPairs(panel: Int, row: (Int) -> Vector) {
    let target = pairs(panel: panel)
    for pair in 0..<pairRows {
      BFloat16Pairs(even: row(2 * pair), odd: row(2 * pair + 1))
        .store(aligned: target + pair * PackedOperand.panelColumns)
    }
  }
}

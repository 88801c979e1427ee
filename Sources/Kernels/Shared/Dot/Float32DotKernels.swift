import KernelInterface

/// Matrix products in float32 throughout, compiled for this module's instruction set.
///
/// A panel of an operand `[depth, columns]` holds its elements as float32, row by row, so that a row of a panel is one
/// vector.
package enum Float32DotKernels: DotKernels {
  package static var algorithm: DotAlgorithm { .f32_f32_f32 }
}

extension PackedOperand {
  /// The first element of a panel.
  @inline(always)
  func panel(_ index: Int) -> UnsafeMutablePointer<Float> { elements + index * panelStride }

  /// Distance in elements between the starts of consecutive panels.
  @inline(always)
  var panelStride: Int { depth * PackedOperand.panelColumns }

  @inline(always)
  private var elements: UnsafeMutablePointer<Float> { memory.start.assumingMemoryBound(to: Float.self) }
}

import KernelInterface

/// The columns that a panel holds of gates of `width` columns side by side, without padding between gates.
@inline(always)
func panelColumns(_ panel: Int, width: Int) -> (first: Int, count: Int) {
  let panelsPerGate = VectorWidth.padded(width) / PackedOperand.panelColumns
  let firstUnit = panel % panelsPerGate * PackedOperand.panelColumns
  return (panel / panelsPerGate * width + firstUnit, min(PackedOperand.panelColumns, width - firstUnit))
}

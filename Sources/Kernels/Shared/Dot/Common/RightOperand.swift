/// The address of B's row at each step of the depth.
protocol RightOperand {
  /// Distance in elements between consecutive panels of a row.
  var panelStride: Int { get }
  /// The first panel's vector at step k; called for k = 0, 1, 2, …
  func row(_ k: Int) -> UnsafePointer<Float>
}

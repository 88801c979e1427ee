/// The width of the vectors in which kernels read and write rows, on every instruction set.
///
/// Matrices that layers compute with have rows padded to whole vectors, and each gate of several side by side starts
/// at a whole vector.
///
/// Public, as the compiler inlines only public declarations into other modules.
public enum VectorWidth {
  /// Float32 elements of one vector.
  @inlinable public static var elements: Int { 16 }

  /// `count` elements rounded up to whole vectors.
  @inlinable public static func padded(_ count: Int) -> Int { (count + elements - 1) / elements * elements }
}

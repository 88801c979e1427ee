import CKissFFT

/// The power spectrum of real samples, by kissfft.
final class RealFourierTransform {
  private let plan: OpaquePointer
  private var spectrum: [kiss_fft_cpx]

  /// - Parameter length: Number of samples, even.
  init(length: Int) {
    precondition(length > 0 && length.isMultiple(of: 2), "a transform of \(length) samples")
    guard let plan = kiss_fftr_alloc(Int32(length), 0, nil, nil) else {
      fatalError("no memory for a Fourier transform")
    }
    self.plan = plan
    spectrum = [kiss_fft_cpx](repeating: kiss_fft_cpx(r: 0, i: 0), count: length / 2 + 1)
  }

  deinit {
    ckissfft_free(plan)
  }

  /// Stores |X_k|² in `power`, for k from 0 to `samples.count` / 2.
  func power(of samples: [Float], in power: inout [Float]) {
    precondition(power.count == spectrum.count && samples.count == 2 * (spectrum.count - 1))
    kiss_fftr(plan, samples, &spectrum)
    for (bin, value) in spectrum.enumerated() { power[bin] = value.r * value.r + value.i * value.i }
  }
}

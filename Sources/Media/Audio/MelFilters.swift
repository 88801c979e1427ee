/// Triangular filters, evenly spaced on a mel scale, that sum the bins of a power spectrum.
struct MelFilters: Sendable {
  /// Bins summed by one filter.
  private struct Band {
    let firstBin: Int
    let weights: [Float]
  }

  private let bands: [Band]

  /// - Parameter transformLength: FFT length; bins are `rate` / `transformLength` apart.
  /// - Throws: If a filter contains no bin.
  init(_ settings: LogMelSettings, transformLength: Int) throws(MediaError) {
    let binWidth = Double(settings.rate) / Double(transformLength)
    let low = settings.scale.mel(settings.lowFrequency)
    let step = (settings.scale.mel(settings.highFrequency) - low) / Double(settings.bands + 1)
    let corners = (0..<settings.bands + 2).map { settings.scale.frequency(low + step * Double($0)) }
    var bands: [Band] = []
    for band in 0..<settings.bands {
      let (left, centre, right) = (corners[band], corners[band + 1], corners[band + 2])
      let gain = settings.scale == .slaney ? 2 / (right - left) : 1
      let first = Int(left / binWidth)
      let last = min(Int(right / binWidth) + 1, transformLength / 2)
      let weights = (first...max(first, last)).map { bin in
        let frequency = Double(bin) * binWidth
        let rise = (frequency - left) / (centre - left)
        let fall = (right - frequency) / (right - centre)
        return Float(gain * max(0, min(rise, fall)))
      }
      guard weights.contains(where: { $0 > 0 }) else {
        throw MediaError(
          nil,
          "too many mel bands (\(settings.bands)): band \(band + 1) contains no FFT frequency of a window of"
            + " \(settings.windowLength) samples; use fewer bands or a longer window"
        )
      }
      bands.append(Band(firstBin: first, weights: weights))
    }
    self.bands = bands
  }

  /// Power per band.
  func apply(to power: [Float], _ result: (_ band: Int, _ power: Float) -> Void) {
    for (number, band) in bands.enumerated() {
      var sum: Float = 0
      for (index, weight) in band.weights.enumerated() { sum += weight * power[band.firstBin + index] }
      result(number, sum)
    }
  }
}

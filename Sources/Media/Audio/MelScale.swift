import Foundation

/// A perceptual pitch scale.
public enum MelScale: String, Codable, Sendable, CaseIterable {
  /// m = 2595 log₁₀(1 + f / 700), of the HTK book; filters have unit peaks.
  case htk
  /// Linear to 1 kHz, logarithmic above (Slaney's Auditory Toolbox, 1998); filters have equal areas; the default of
  /// librosa.
  case slaney

  private static let linearStep = 200.0 / 3
  private static let breakFrequency = 1000.0
  private static let breakMel = breakFrequency / linearStep
  private static let logStep = log(6.4) / 27

  /// The pitch of a frequency in Hz.
  func mel(_ frequency: Double) -> Double {
    switch self {
    case .htk: 2595 * log10(1 + frequency / 700)
    case .slaney:
      frequency < Self.breakFrequency
        ? frequency / Self.linearStep : Self.breakMel + log(frequency / Self.breakFrequency) / Self.logStep
    }
  }

  /// The frequency, in Hz, of a pitch.
  func frequency(_ mel: Double) -> Double {
    switch self {
    case .htk: 700 * (pow(10, mel / 2595) - 1)
    case .slaney:
      mel < Self.breakMel
        ? mel * Self.linearStep : Self.breakFrequency * exp(Self.logStep * (mel - Self.breakMel))
    }
  }
}

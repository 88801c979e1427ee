import Foundation
import HDF5

/// Golden values, made by the scripts in `Fixtures`.
package enum GoldenFile: String {
  case cells
  case losses
  case optimizers
  case training
  case sequences
  case metrics
  case variants
  case blocks
  case recent
  case crf
  case adaptive
  case encoderDecoder = "encoder_decoder"

  package func open() throws -> File {
    try File(opening: "\(Bundle.module.bundlePath)/Fixtures/golden_\(rawValue).h5")
  }
}

extension Group {
  package func floats(_ name: String) throws -> [Float] { try dataset(name).read(as: Float.self) }

  package func doubles(_ name: String) throws -> [Double] { try dataset(name).read(as: Double.self) }

  package func integers(_ name: String) throws -> [Int32] { try dataset(name).read(as: Int32.self) }

  package func texts(_ name: String) throws -> [String] { try dataset(name).read(as: String.self) }
}

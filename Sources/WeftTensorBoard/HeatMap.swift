import Foundation

/// A heat map of positive values on a logarithmic scale: one column per record, one row per value.
struct HeatMap {
  /// Perceptually uniform colors from dark blue to yellow, equally spaced (matplotlib's `viridis`).
  private static let colors: [UInt32] = [0x440154, 0x414487, 0x2A788E, 0x22A884, 0x7AD151, 0xFDE725]
  /// Color of values without a logarithm.
  private static let missing: [UInt8] = [128, 128, 128]

  /// `[columns][rows]`; columns may differ in length.
  let columns: [[Float]]

  /// An image with the last row on top and a block of pixels per value: red, green and blue `[height, width, 3]`.
  func pixels(width: Int, height: Int) -> [UInt8] {
    let rows = columns.map(\.count).max() ?? 0
    let logarithms = columns.map { $0.map { log10(Double($0)) } }
    let finite = logarithms.joined().filter(\.isFinite)
    let (minimum, maximum) = (finite.min() ?? 0, finite.max() ?? 1)
    let range = max(maximum - minimum, 1e-9)
    var values: [UInt8] = []
    values.reserveCapacity(3 * width * height)
    for y in 0..<height {
      let row = rows == 0 ? 0 : (height - 1 - y) * rows / height
      for x in 0..<width {
        let column = columns.isEmpty ? [] : logarithms[x * columns.count / width]
        let isKnown = row < column.count && column[row].isFinite
        values += isKnown ? Self.color((column[row] - minimum) / range) : Self.missing
      }
    }
    return values
  }

  /// The color of a value from 0 to 1.
  private static func color(_ share: Double) -> [UInt8] {
    let place = share * Double(colors.count - 1)
    let index = min(Int(place), colors.count - 2)
    let part = Float(place) - Float(index)
    return [16, 8, 0].map { shift in
      let low = Float(colors[index] >> UInt32(shift) & 0xFF)
      let high = Float(colors[index + 1] >> UInt32(shift) & 0xFF)
      return UInt8((low + part * (high - low)).rounded())
    }
  }
}

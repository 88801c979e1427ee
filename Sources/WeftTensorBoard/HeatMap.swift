import Foundation

/// Numbers above zero as colors, by their logarithms: a column for each record, a row for each number of it.
struct HeatMap {
  /// Dark blue to yellow, equally spaced; each step looks as large as the next (matplotlib's `viridis`).
  private static let colors: [UInt32] = [0x440154, 0x414487, 0x2A788E, 0x22A884, 0x7AD151, 0xFDE725]
  /// Of what has no logarithm.
  private static let missing: [UInt8] = [128, 128, 128]

  /// `[columns][rows]`; columns may differ in length.
  let columns: [[Float]]

  /// A picture with the last row on top, each number a block of pixels: red, green and blue `[height, width, 3]`.
  func pixels(width: Int, height: Int) -> [UInt8] {
    let rows = columns.map(\.count).max() ?? 0
    let logarithms = columns.map { $0.map { log10(Double($0)) } }
    let finite = logarithms.joined().filter(\.isFinite)
    let (least, greatest) = (finite.min() ?? 0, finite.max() ?? 1)
    let range = max(greatest - least, 1e-9)
    var values: [UInt8] = []
    values.reserveCapacity(3 * width * height)
    for y in 0..<height {
      let row = rows == 0 ? 0 : (height - 1 - y) * rows / height
      for x in 0..<width {
        let column = columns.isEmpty ? [] : logarithms[x * columns.count / width]
        let isKnown = row < column.count && column[row].isFinite
        values += isKnown ? Self.color((column[row] - least) / range) : Self.missing
      }
    }
    return values
  }

  /// Red, green and blue of a share from 0 to 1.
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

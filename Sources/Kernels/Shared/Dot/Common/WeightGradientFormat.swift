import KernelInterface

/// What the weight gradients of the dot algorithms differ in: how positions are packed and tiles multiplied.
protocol WeightGradientFormat {
  /// Left-hand columns of a tile.
  static var tileRows: Int { get }
  /// Panels of a tile.
  static var tilePanels: Int { get }
  /// Lanes are padded with positions of zeros to a multiple of this.
  static var positionMultiple: Int { get }
  /// Only at multiples of this many positions of a lane can its sum be interrupted.
  static var blockMultiple: Int { get }
  /// Whether a tile can add its sum to what is there.
  static var addsTiles: Bool { get }

  /// How many packed left-hand elements there are to an element's memory once they are converted.
  static var leftDensity: Int { get }

  /// Converts packed left-hand elements in place: whole tiles, each `[positions, tileRows]`, which move together.
  static func finishLeft(_ elements: UnsafeMutablePointer<Float>, count: Int)

  /// Packs some panels of right-hand rows side by side, since hardware prefetchers do not follow rows that are far
  /// apart. The row of a position is in `order`; −1 stands for zeros.
  static func packRight(
    _ right: UnsafePointer<Float>, stride: Int, order: UnsafePointer<Int32>, count: Int, panels: Int,
    into packed: UnsafeMutablePointer<Float>)

  /// Where packed right-hand rows continue after some positions.
  static func advanced(_ packed: UnsafeMutablePointer<Float>, positions: Int) -> UnsafeMutablePointer<Float>

  /// target = start + Σ left ⊗ right over `depth` packed positions, or with `adds` target + that.
  static func sumTile(
    rows: Int, panels: Int, left: UnsafePointer<Float>, right: UnsafePointer<Float>, depth: Int,
    start: TileStart, adds: Bool, into target: UnsafeMutablePointer<Float>, prefetch: PrefetchedLines)
}

/// The rows of each lane, padded to whole multiples.
struct PaddedLanes {
  /// Lane i owns `rows[starts[i]..<starts[i + 1]]`; −1 is padding.
  let rows: [Int32]
  let starts: [Int]
  /// The places of padding in `rows`.
  let padding: [Int]

  init(_ lanes: LaneIndex, multiple: Int) {
    if multiple == 1 {
      (rows, starts, padding) = (lanes.rows, lanes.starts, [])
      return
    }
    var rows: [Int32] = []
    var starts = [0]
    var padding: [Int] = []
    rows.reserveCapacity(PaddedLanes.count(lanes, multiple: multiple))
    for lane in 0..<lanes.lanes {
      rows += lanes.rows[lanes.starts[lane]..<lanes.starts[lane + 1]]
      while rows.count % multiple != 0 {
        padding.append(rows.count)
        rows.append(-1)
      }
      starts.append(rows.count)
    }
    (self.rows, self.starts, self.padding) = (rows, starts, padding)
  }

  /// Positions with padding.
  static func count(_ lanes: LaneIndex, multiple: Int) -> Int {
    if multiple == 1 { return lanes.rows.count }
    return (0..<lanes.lanes).reduce(0) {
      $0 + (lanes.starts[$1 + 1] - lanes.starts[$1] + multiple - 1) / multiple * multiple
    }
  }
}

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

  /// Bytes of a packed left-hand element.
  static var leftElementByteCount: Int { get }
  /// Bytes of a packed right-hand element.
  static var rightElementByteCount: Int { get }

  /// Positions that are packed at once.
  static var packedPositions: Int { get }

  /// Packs some left-hand columns of consecutive positions.
  ///
  /// - Parameters:
  ///   - column: The first column of the rows.
  ///   - columns: Number of columns; fewer than a tile has where left-hand sides meet.
  ///   - offset: The first column's place in the tile.
  ///   - tile: Where the first position's columns of the tile are.
  static func packTile(
    _ rows: LeftRows, column: Int, columns: Int, offset: Int, into tile: UnsafeMutablePointer<Float>)

  /// Packs some panels of right-hand rows side by side, since hardware prefetchers do not follow rows that are far
  /// apart. The row of a position is in `order`; −1 stands for zeros.
  static func packRight(
    _ right: RightRows, order: UnsafePointer<Int32>, count: Int, panels: Int,
    into packed: UnsafeMutablePointer<Float>)

  /// Where packed right-hand rows continue after some positions.
  static func advanced(_ packed: UnsafeMutablePointer<Float>, positions: Int) -> UnsafeMutablePointer<Float>

  /// target = start + Σ left ⊗ right over `depth` packed positions.
  ///
  /// - Parameter adding: If the result is to be target + that, memory for a tile, which is used where sums cannot stay in
  ///   registers; otherwise nil.
  static func sumTile(
    rows: Int, panels: Int, left: UnsafePointer<Float>, right: UnsafePointer<Float>, depth: Int,
    start: TileStart, adding: UnsafeMutablePointer<Float>?, into target: UnsafeMutablePointer<Float>,
    prefetch: PrefetchedLines)
}

extension WeightGradientFormat {
  static var packedPositions: Int { 16 }

  /// Memory of some left-hand elements, in elements of float32.
  @inline(always)
  static func packedLeft(_ elements: Int) -> Int {
    elements * leftElementByteCount / MemoryLayout<Float>.stride
  }

  /// Copies the columns, `[positions, tileRows]`.
  @inline(always)
  static func packTile(
    _ rows: LeftRows, column: Int, columns: Int, offset: Int, into tile: UnsafeMutablePointer<Float>
  ) {
    let tile = tile + offset
    for index in 0..<rows.count {
      let (source, target) = (rows.rows[index] + column, tile + index * tileRows)
      if rows.isPadding(index) {
        for place in 0..<columns { target[place] = 0 }
      } else if columns == tileRows {
        copyTile(from: source, to: target)
      } else {
        for place in 0..<columns { target[place] = source[place] }
      }
    }
  }

  /// Copies a tile's columns of one row, of which there are at least four.
  @inline(always)
  private static func copyTile(from source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(target).storeBytes(
      of: UnsafeRawPointer(source).loadUnaligned(as: SIMD4<Float>.self), as: SIMD4<Float>.self)
    if tileRows == 6 {
      UnsafeMutableRawPointer(target + 4).storeBytes(
        of: UnsafeRawPointer(source + 4).loadUnaligned(as: SIMD2<Float>.self), as: SIMD2<Float>.self)
    } else {
      for index in 4..<tileRows { target[index] = source[index] }
    }
  }
}

/// The rows of a left-hand side at up to `WeightGradientFormat.packedPositions` consecutive positions.
struct LeftRows {
  /// In memory, as an `InlineArray` is copied for each row that is read.
  let rows: UnsafePointer<UnsafePointer<Float>>
  let count: Int
  /// Elements of a row.
  let columns: Int
  /// Bit i is set where position i is padding, whose row stands for zeros.
  let padding: UInt32

  @inline(always)
  func isPadding(_ index: Int) -> Bool { padding &>> UInt32(index) & 1 != 0 }
}

/// The rows of each lane, padded to whole multiples.
struct PaddedLanes {
  /// Lane i owns `rows[starts[i]..<starts[i + 1]]`; −1 is padding.
  let rows: [Int32]
  let starts: [Int]

  init(_ lanes: LaneIndex, multiple: Int) {
    if multiple == 1 {
      (rows, starts) = (lanes.rows, lanes.starts)
      return
    }
    var rows: [Int32] = []
    var starts = [0]
    rows.reserveCapacity(PaddedLanes.count(lanes, multiple: multiple))
    for lane in 0..<lanes.lanes {
      rows += lanes.rows[lanes.starts[lane]..<lanes.starts[lane + 1]]
      while rows.count % multiple != 0 {
        rows.append(-1)
      }
      starts.append(rows.count)
    }
    (self.rows, self.starts) = (rows, starts)
  }

  /// Positions with padding.
  static func count(_ lanes: LaneIndex, multiple: Int) -> Int {
    if multiple == 1 { return lanes.rows.count }
    return (0..<lanes.lanes).reduce(0) {
      $0 + (lanes.starts[$1 + 1] - lanes.starts[$1] + multiple - 1) / multiple * multiple
    }
  }
}

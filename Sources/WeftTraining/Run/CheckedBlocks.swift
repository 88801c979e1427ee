import Foundation
import WeftBase
import WeftData

/// How much of the data of a run is known to be good, in its folder, so that a resumed run does not check it again.
struct CheckedBlocks: Codable, Equatable {
  /// The data.
  let data: DataFingerprint
  /// Blocks from the first that are known to be good.
  let blocks: Int

  /// Nil if the folder has none of these data.
  init?(in folder: RunFolder, of data: DataFingerprint) {
    guard let text = try? TextFile.contents(of: folder.checkedData, atMost: 64 << 20),
      let read = try? JSONDecoder().decode(CheckedBlocks.self, from: Data(text.utf8)), read.data == data,
      read.blocks >= 0
    else { return nil }
    self = read
  }

  init(data: DataFingerprint, blocks: Int) {
    self.data = data
    self.blocks = blocks
  }

  /// - Throws: If it cannot be written.
  func write(to folder: RunFolder) throws(WeftError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    guard let text = try? encoder.encode(self) else { return }
    try TextFile.replace(folder.checkedData, with: String(decoding: text, as: UTF8.self))
  }
}

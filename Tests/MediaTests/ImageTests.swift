import Foundation
import TestSupport
import Testing

@testable import Media

@Suite("Image files")
struct ImageTests {
  /// PNG decodes exactly; JPEG decoders may differ by one step per channel.
  @Test("equal what pypng, Pillow and numpy make of them", arguments: Golden.values.images)
  func golden(_ golden: Golden.Image) throws {
    let background = (golden.background[0], golden.background[1], golden.background[2])
    let image = try ImageFile.read(
      fixture(golden.file), height: golden.height, width: golden.width, background: background)
    #expect(image.height == golden.height && image.width == golden.width)
    let tolerance: Float = golden.file.hasSuffix("png") ? 2e-5 : 1.01 / 255
    #expect(maximumDifference(image.values, golden.values) < tolerance)
  }

  @Test("at its own size an image is itself in 8 bits")
  func bytes() throws {
    let image = try ImageFile.read(fixture("rgb.png"), height: 12, width: 18)
    #expect(maximumDifference(image.bytes.map { Float($0) / 255 }, image.values) < 1e-6)
  }

  @Test("a file without an image gives one line")
  func errors() throws {
    let folder = try TemporaryFolder()
    func reason(_ bytes: [UInt8], _ name: String) throws -> String {
      let path = try folder.write(bytes, to: name)
      let error = #expect(throws: MediaError.self) { _ = try ImageFile.read(path, height: 4, width: 4) }
      #expect(error?.path == path)
      return error?.reason ?? ""
    }
    func contents(_ name: String) throws -> [UInt8] {
      try [UInt8](Data(contentsOf: URL(filePath: fixture(name))))
    }
    #expect(try reason(Array("hello".utf8), "text.png") == "is not a PNG or JPEG file")
    #expect(try reason([], "nothing.png") == "is not a PNG or JPEG file, but empty")
    #expect(try reason(contents("rgb.png").dropLast(300), "cut.png").hasPrefix("PNG cannot be decoded: "))
    #expect(try reason(contents("colour.jpg").dropLast(300), "cut.jpg").hasPrefix("JPEG cannot be decoded: "))
    #expect(
      try reason(contents("cmyk.jpg"), "print.jpg") == "CMYK JPEG is not supported; convert it to RGB"
    )
    #expect(
      try reason(wideImage(), "wide.png")
        == "60000 × 60000 pixels exceed the limit of 40000000")
  }

  /// A PNG whose header asks for 60000 × 60000 pixels.
  private func wideImage() throws -> [UInt8] {
    let extent: [UInt8] = [0, 0, 0xEA, 0x60]
    let header = Array("IHDR".utf8) + extent + extent + [8, 2, 0, 0, 0]
    let sum = checksum(header)
    let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    let data: [UInt8] = [0, 0, 0, 0] + Array("IDAT".utf8)
    return signature + [0, 0, 0, 13] + header + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) }
      + data
      + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: checksum(Array("IDAT".utf8)) >> $0) }
  }

  /// CRC-32, as PNG has it.
  private func checksum(_ bytes: [UInt8]) -> UInt32 {
    var sum: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }
    return ~sum
  }

  @Test("patches contain their pixels, or statistics equal to numpy's")
  func patches() throws {
    let golden = Golden.values.patches
    let image = RGBImage(height: golden.height, width: golden.width, values: golden.image)
    for (features, expected) in [
      (PatchGrid.Features.pixels, golden.pixels), (.statistics, golden.statistics),
    ] {
      let grid = try PatchGrid(
        height: golden.height, width: golden.width, patch: golden.patch, features: features)
      #expect(grid.patchCount == 6)
      let described = grid.describe(image)
      #expect(described.count == grid.patchCount * grid.featureCount)
      #expect(maximumDifference(described, expected) < 2e-5)
    }
  }

  @Test("patches must divide the image")
  func patchSizes() {
    let expected = MediaError(nil, "patches of 5 pixels do not divide 8 × 12; use a common divisor of both")
    #expect(throws: expected) { try PatchGrid(height: 8, width: 12, patch: 5) }
    #expect(throws: MediaError.self) { try PatchGrid(height: 0, width: 12, patch: 1) }
    #expect(throws: MediaError.self) { try PatchGrid(height: 4, width: 4, patch: 4, background: [0, 2, 0]) }
  }

  /// The metadata that Pillow writes for an orientation, in either byte order.
  @Test(arguments: [(1 as UInt8, false), (6, true), (0, false), (9, false)])
  func rotationsAreTold(_ orientation: UInt8, _ isTold: Bool) throws {
    let folder = try TemporaryFolder()
    let bigEndian: [UInt8] =
      Array("Exif\0\0MM".utf8) + [
        0, 0x2A, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0,
      ]
    let littleEndian: [UInt8] =
      Array("Exif\0\0II".utf8) + [
        0x2A, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0,
      ]
    for exif in [bigEndian, littleEndian] {
      let bytes: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE1, 0, UInt8(exif.count + 2)] + exif + [0xFF, 0xD9]
      let path = try folder.write(bytes, to: "x.jpg")
      #expect(ImageFile.statesRotation(path) == isTold)
      for count in bytes.indices {
        _ = ImageFile.statesRotation(try folder.write(Array(bytes[..<count]), to: "cut.jpg"))
      }
    }
  }
}

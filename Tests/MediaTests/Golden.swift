import Foundation

/// Results of Python on the fixtures: `Fixtures/make_fixtures.py`.
struct Golden: Decodable {
  struct LogMel: Decodable, CustomStringConvertible {
    let rate: Int
    let window: Int
    let hop: Int
    let bands: Int
    let scale: String
    let low: Double
    let high: Double
    let emphasis: Double
    let floor: Double
    let frames: Int
    let values: [Float]
    var description: String { "\(bands) \(scale) bands of \(window)/\(hop), pre-emphasis \(emphasis)" }
  }
  struct Image: Decodable, CustomStringConvertible {
    let file: String
    let height: Int
    let width: Int
    let background: [Float]
    let values: [Float]
    var description: String { "\(file) at \(height) × \(width)" }
  }
  struct Patches: Decodable {
    let height: Int
    let width: Int
    let patch: Int
    let image: [Float]
    let pixels: [Float]
    let statistics: [Float]
  }
  let logMel: [LogMel]
  let images: [Image]
  let patches: Patches

  static let values: Golden = {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try! decoder.decode(Golden.self, from: Data(contentsOf: URL(filePath: fixture("golden.json"))))
  }()
}

/// The path of a fixture.
func fixture(_ name: String) -> String {
  Bundle.module.resourceURL!.appending(path: "Fixtures/\(name)").path
}

/// The maximum difference of two arrays of equal length.
func maximumDifference(_ first: [Float], _ second: [Float]) -> Float {
  first.count == second.count ? zip(first, second).map { abs($0 - $1) }.max() ?? 0 : .infinity
}

// swift-tools-version: 6.2
// A package of its own that uses Weft, as yours would. Only the path of the dependency would be its address:
// .package(url: "https://github.com/OWNER/weft", branch: "main").
import PackageDescription

let package = Package(
  name: "own-cell",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "weft", path: "../..")],
  targets: [
    .executableTarget(
      name: "OwnCell", dependencies: [.product(name: "Weft", package: "weft")], path: "Sources")
  ]
)

// swift-tools-version: 6.2
import PackageDescription

// Kernels are compiled for the instruction set they need, the rest of the package for the baseline
// processor. `-Ounchecked` removes preconditions, so argument checks live outside these targets. Debug builds
// optimise kernels too: unoptimised SIMD is hundreds of times slower.
#if arch(x86_64)
  let instructionSet = ["-Xcc", "-mavx2", "-Xcc", "-mfma"]
#else
  let instructionSet: [String] = []
#endif
let kernelSettings: [SwiftSetting] = [
  .unsafeFlags(["-Ounchecked"] + instructionSet)
]

let package = Package(
  name: "weft",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Weft", targets: ["Weft"]),
    .library(name: "HDF5", targets: ["HDF5"]),
    .executable(name: "weft", targets: ["WeftCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .target(name: "HDF5", dependencies: ["CHDF5"]),
    .target(name: "KernelInterface"),
    .target(name: "Kernels", dependencies: ["KernelInterface"], swiftSettings: kernelSettings),
    .target(
      name: "Weft",
      dependencies: [
        "HDF5", "KernelInterface", "Kernels",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Yams", package: "Yams"),
      ]),
    .executableTarget(
      name: "WeftCommand",
      dependencies: ["Weft", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
    .testTarget(name: "HDF5Tests", dependencies: ["HDF5"], resources: [.copy("Fixtures")]),
    .testTarget(name: "KernelTests", dependencies: ["KernelInterface", "Kernels"]),
    .testTarget(name: "WeftTests", dependencies: ["Weft", "HDF5"], resources: [.copy("Fixtures")]),
    .testTarget(name: "CommandTests", dependencies: ["WeftCommand"]),
  ],
  swiftLanguageModes: [.v6]
)

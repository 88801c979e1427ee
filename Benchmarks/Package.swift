// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that those who use Weft never fetch what measures it.
let package = Package(
  name: "weft-benchmarks",
  platforms: [.macOS(.v26)],
  dependencies: [
    .package(name: "weft", path: ".."),
    // Without traits: its default ones need jemalloc.
    .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []),
  ],
  targets: [
    .executableTarget(
      name: "WeftBenchmarks",
      dependencies: [
        .product(name: "Weft", package: "weft"),
        .product(name: "HDF5", package: "weft"),
        .product(name: "Benchmark", package: "benchmark"),
      ],
      path: "micro",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
  ],
  swiftLanguageModes: [.v6]
)

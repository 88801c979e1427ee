// swift-tools-version: 6.2
import PackageDescription

// MARK: - Kernels

// Kernels are compiled once for each instruction set, from one folder that `KernelsAVX512` reaches through a
// symbolic link; `KernelsAVX512BF16` and `KernelsAMX` have matrix products alone. The rest of the package is compiled
// for the baseline processor. `-Ounchecked` removes preconditions, so argument checks live outside these targets. Debug
// builds optimise kernels too: unoptimised SIMD is hundreds of times slower. Without `-fno-math-errno` a square root is
// a call for each element.
func kernelSettings(_ instructionSet: [String]) -> [SwiftSetting] {
  let flags = ["-fno-math-errno"] + instructionSet.map { "-m\($0)" }
  return [.unsafeFlags(["-Ounchecked"] + flags.flatMap { ["-Xcc", $0] })]
}
#if arch(x86_64)
  let vectorKernelTargets: [Target.Dependency] = [
    "Kernels", "KernelsAVX512", "KernelsAVX512BF16", "KernelsAMX",
  ]
  let baseline = ["avx2", "fma"]
  let avx512 = baseline + ["avx512f", "avx512bw", "avx512dq", "avx512vl"]
  let instructionSetTargets: [Target] = [
    .target(
      name: "KernelsAVX512", dependencies: ["CProcessor", "KernelInterface", "WeftBase"],
      swiftSettings: kernelSettings(avx512)),
    .target(
      name: "KernelsAVX512BF16",
      dependencies: ["CBFloat16", "CProcessor", "KernelInterface", "WeftBase"],
      swiftSettings: kernelSettings(avx512 + ["avx512bf16"])),
    .target(
      name: "KernelsAMX",
      dependencies: ["CProcessor", "CTile", "KernelInterface", "WeftBase"],
      swiftSettings: kernelSettings(avx512 + ["amx-tile", "amx-bf16"])),
  ]
#else
  let vectorKernelTargets: [Target.Dependency] = ["Kernels"]
  let baseline: [String] = []
  let instructionSetTargets: [Target] = []
#endif

// MARK: - C libraries

/// A module map with a shim header; each is imported by one Swift module. `CMPI` has also the source of the libraries
/// that the program loads, which `Scripts/mpi-libraries` makes.
func cLibrary(
  _ name: String, pkgConfig: String? = nil, apt: String? = nil, brew: String? = nil
) -> Target {
  let providers = [
    apt.map { SystemPackageProvider.apt([$0]) }, brew.map { SystemPackageProvider.brew([$0]) },
  ]
  return .systemLibrary(
    name: name, path: "Sources/CLibraries/\(name)", pkgConfig: pkgConfig,
    providers: providers.compactMap { $0 })
}

let cLibraries: [Target] = [
  cLibrary("CAllocator"),
  cLibrary("CBFloat16"),
  cLibrary("CProcessor"),
  cLibrary("CTime"),
  cLibrary("CTile"),
  cLibrary("CDeflate", pkgConfig: "libdeflate", apt: "libdeflate-dev"),
  cLibrary("CHDF5", pkgConfig: "hdf5", apt: "libhdf5-dev"),
  cLibrary("CKissFFT", apt: "libkissfft-dev", brew: "kissfft"),
  cLibrary("CMPI"),
  cLibrary("CMatIO", pkgConfig: "matio", apt: "libmatio-dev", brew: "libmatio"),
  cLibrary("CPNG", pkgConfig: "libpng", apt: "libpng-dev", brew: "libpng"),
  cLibrary("CSampleRate", pkgConfig: "samplerate", apt: "libsamplerate0-dev", brew: "libsamplerate"),
  cLibrary("CSentencePieceSystem", pkgConfig: "sentencepiece", apt: "libsentencepiece-dev"),
  .target(
    name: "CSentencePiece", dependencies: ["CSentencePieceSystem"], path: "Sources/CLibraries/CSentencePiece"),
  cLibrary("CSoundFile", pkgConfig: "sndfile", apt: "libsndfile1-dev", brew: "libsndfile"),
  cLibrary("CTurboJPEG", pkgConfig: "libturbojpeg", apt: "libturbojpeg0-dev", brew: "jpeg-turbo"),
  cLibrary("CXML", pkgConfig: "libxml-2.0", apt: "libxml2-dev", brew: "libxml2"),
  cLibrary("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
]

// MARK: - Tests

/// The modules that tests may look into.
let engineModules = [
  "HDF5", "KernelInterface", "Weft", "WeftBase", "WeftBenchmarks", "WeftConfiguration", "WeftData",
  "WeftLayers",
  "WeftMetrics", "WeftModels", "WeftParallel", "WeftPlots", "WeftTasks", "WeftTensor", "WeftTensorBoard",
  "WeftTerminal", "WeftText", "WeftTraining",
]
let engine = engineModules.map { Target.Dependency.target(name: $0) }

/// The tests of a module, in a folder of its name.
func tests(of module: String, _ others: [Target.Dependency] = [], fixtures: Bool = false) -> Target {
  let own: [Target.Dependency] = engineModules.contains(module) ? [] : [.target(name: module)]
  return .testTarget(
    name: "\(module)Tests", dependencies: own + others + engine + ["TestSupport"],
    resources: fixtures ? [.copy("Fixtures")] : [])
}

/// Built for libFuzzer, by `Scripts/fuzz-coverage`.
let fuzzes = Context.environment["WEFT_LIBFUZZER"] != nil
let fuzzerTargets: [Target] = fuzzes ? [.systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer")] : []

// MARK: - Package

/// A program that uses what the library has public, as programs in other packages do.
func example(_ name: String, _ folder: String? = nil) -> Target {
  .executableTarget(
    name: name, dependencies: ["Weft"],
    path: ["Examples", name, folder].compactMap { $0 }.joined(separator: "/"),
    packageAccess: false)
}

let swiftProtobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
  name: "weft",
  platforms: [.macOS(.v26)],
  products: [
    .library(name: "Weft", targets: ["Weft"]),
    .library(name: "HDF5", targets: ["HDF5"]),
    .library(name: "DatasetTools", targets: ["DatasetTools"]),
    .library(name: "Interchange", targets: ["Interchange"]),
    .library(name: "WeftC", type: .dynamic, targets: ["WeftC"]),
    .executable(name: "weft", targets: ["WeftCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: cLibraries + [
    .target(name: "WeftBase", dependencies: ["CProcessor"]),
    .target(name: "WeftTerminal", dependencies: ["WeftBase", "WeftTraining"]),
    .target(name: "Archives", dependencies: ["CZlib", "WeftBase"]),
    .target(name: "HDF5", dependencies: ["CDeflate", "CHDF5"]),
    .target(name: "KernelInterface", dependencies: ["WeftBase"]),
    .target(
      name: "Kernels", dependencies: ["CProcessor", "KernelInterface", "WeftBase"],
      swiftSettings: kernelSettings(baseline)),
    .target(name: "WeftConfiguration", dependencies: ["WeftBase", yams]),
    .target(
      name: "WeftTensor", dependencies: ["CProcessor", "KernelInterface", "WeftBase"] + vectorKernelTargets),
    .target(name: "WeftText", dependencies: ["CSentencePiece", "HDF5", "WeftBase"]),
    .target(
      name: "WeftLayers", dependencies: ["KernelInterface", "WeftBase", "WeftConfiguration", "WeftTensor"]),
    .target(name: "WeftData", dependencies: ["HDF5", "WeftBase", "WeftConfiguration", "WeftText"]),
    .target(
      name: "WeftParallel",
      dependencies: [
        "KernelInterface", "WeftBase", "WeftConfiguration", "WeftData", "WeftLayers", "WeftTensor",
      ]),
    .target(
      name: "WeftModels",
      dependencies: [
        "HDF5", "KernelInterface", "WeftBase", "WeftConfiguration", "WeftData", "WeftLayers", "WeftParallel",
        "WeftTensor", "WeftText",
      ]),
    .target(
      name: "WeftTasks",
      dependencies: [
        "KernelInterface", "WeftBase", "WeftConfiguration", "WeftData", "WeftLayers", "WeftMetrics",
        "WeftModels", "WeftParallel", "WeftText",
      ]),
    .target(
      name: "WeftTensorBoard", dependencies: ["CDeflate", "WeftBase", swiftProtobuf],
      exclude: ["events.proto"]),
    .target(
      name: "WeftTraining",
      dependencies: [
        "HDF5", "KernelInterface", "WeftBase", "WeftConfiguration", "WeftData", "WeftLayers", "WeftMetrics",
        "WeftModels", "WeftParallel", "WeftTasks", "WeftTensor", "WeftTensorBoard", "WeftText",
      ]),
    .target(name: "WeftMetrics"),
    .target(name: "Tuning", dependencies: ["WeftBase", "WeftConfiguration", "WeftTasks"]),
    .target(name: "WeftPlots", dependencies: ["WeftBase"]),
    .target(name: "MPI", dependencies: ["CMPI", "KernelInterface", "WeftBase", "WeftParallel"]),
    .target(
      name: "WeftBenchmarks",
      dependencies: [
        "HDF5", "KernelInterface", "WeftBase", "WeftConfiguration", "WeftData", "WeftLayers", "WeftModels",
        "WeftParallel", "WeftPlots", "WeftTasks", "WeftTensor", "WeftTraining",
      ]),
    .target(
      name: "Weft",
      dependencies: [
        "HDF5", "WeftBase", "WeftConfiguration", "WeftData", "WeftLayers", "WeftMetrics", "WeftModels",
        "WeftParallel",
        "WeftPlots", "WeftTasks", "WeftText", "WeftTraining",
      ]),
    .target(
      name: "WeftC", dependencies: ["WeftBase", "WeftTasks", "WeftTraining"], exclude: ["include"]),
    .target(
      name: "DatasetTools",
      dependencies: [
        "Archives", "CSentencePiece", "CTime", "HDF5", "MATLAB", "Markup", "Media", "WeftBase",
        "WeftConfiguration",
        "WeftData", "WeftTasks", "WeftTerminal", "WeftText", "WeftTraining",
      ]),
    .target(name: "Markup", dependencies: ["CXML", "WeftBase"]),
    .target(name: "MATLAB", dependencies: ["Archives", "CMatIO", "WeftBase"]),
    .target(
      name: "Media",
      dependencies: ["CKissFFT", "CPNG", "CSampleRate", "CSoundFile", "CTurboJPEG", "WeftBase"]),
    .target(
      name: "Interchange",
      dependencies: [
        "Archives", "HDF5", "WeftBase", "WeftData", "WeftLayers", "WeftModels", "WeftTasks", "WeftTensor",
        "WeftText", "WeftTraining", swiftProtobuf,
      ],
      exclude: ["ONNX/onnx.proto"]),
    .target(
      name: "PageResources", exclude: ["Resources/uPlot.LICENSE.txt"],
      resources: ["page.css", "page.js", "uPlot.iife.js", "uPlot.min.css"].map {
        .embedInCode("Resources/\($0)")
      }),
    .executableTarget(
      name: "WeftCommand",
      dependencies: [
        "CAllocator", "DatasetTools", "HDF5", "Interchange", "KernelInterface", "MPI", "Media",
        "PageResources",
        "Tuning", "Weft",
        "WeftBase", "WeftBenchmarks", "WeftConfiguration", "WeftData", "WeftLayers", "WeftMetrics",
        "WeftModels",
        "WeftParallel", "WeftPlots", "WeftTasks", "WeftTensor", "WeftTerminal", "WeftText", "WeftTraining",
        argumentParser,
      ] + (fuzzes ? ["CFuzzer"] : []),
      swiftSettings: fuzzes ? [.define("LIBFUZZER")] : []),
    example("CharacterModel"),
    example("InMemory"),
    // The sources of a package of its own.
    example("OwnCell", "Sources"),
    .executableTarget(
      name: "weft-experiments", dependencies: ["HDF5", "Weft", "WeftBase", argumentParser],
      path: "Examples/Experiments"),
    .target(name: "Fuzzing", path: "Tests/Fuzz/Engine"),
    .executableTarget(
      name: "weft-fuzz", dependencies: ["Fuzzing", argumentParser], path: "Tests/Fuzz/Command"),
    .target(
      name: "TestSupport", dependencies: engine, path: "Tests/Support", resources: [.copy("Fixtures")]),
    .testTarget(name: "FuzzTests", dependencies: ["Fuzzing", "TestSupport", "WeftCommand"]),
    tests(of: "HDF5", ["CHDF5"], fixtures: true),
    .testTarget(
      name: "KernelTests", dependencies: ["KernelInterface", "TestSupport", "WeftBase", "WeftTensor"]),
    tests(of: "Media", fixtures: true),
    tests(of: "Archives"),
    tests(of: "WeftBase"),
    tests(of: "WeftTensor"),
    tests(of: "WeftLayers"),
    tests(of: "WeftData", fixtures: true),
    tests(of: "WeftParallel"),
    tests(of: "WeftModels"),
    tests(of: "WeftMetrics"),
    tests(of: "WeftTasks"),
    tests(of: "WeftTensorBoard", [swiftProtobuf], fixtures: true),
    tests(of: "WeftTraining", fixtures: true),
    tests(of: "WeftBenchmarks"),
    tests(of: "Weft"),
    tests(of: "DatasetTools", ["Media"], fixtures: true),
    tests(of: "Interchange", fixtures: true),
    .testTarget(
      name: "CommandTests", dependencies: ["MPI", "TestSupport", "WeftCommand", "weft-experiments"] + engine,
      exclude: ["Ranks/hosts", "make_verses.py", "misuse.c"]),
  ] + instructionSetTargets + fuzzerTargets,
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)

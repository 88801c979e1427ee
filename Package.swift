// swift-tools-version: 6.2
import PackageDescription

// Kernels are compiled once for each instruction set, from one folder that `KernelsAVX512` reaches through a
// symbolic link; the rest of the package is compiled for the baseline processor. `-Ounchecked` removes
// preconditions, so argument checks live outside these targets. Debug builds optimise kernels too: unoptimised
// SIMD is hundreds of times slower. Without `-fno-math-errno` a square root is a call for each element.
func kernelSettings(_ instructionSet: [String]) -> [SwiftSetting] {
  let flags = ["-fno-math-errno"] + instructionSet.map { "-m\($0)" }
  return [.unsafeFlags(["-Ounchecked"] + flags.flatMap { ["-Xcc", $0] })]
}
#if arch(x86_64)
  let vectorKernelTargets: [Target.Dependency] = ["Kernels", "KernelsAVX512"]
  let baseline = ["avx2", "fma"]
  let instructionSetTargets: [Target] = [
    .target(
      name: "KernelsAVX512", dependencies: ["CProcessor", "KernelInterface"],
      swiftSettings: kernelSettings(["avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl"]))
  ]
#else
  let vectorKernelTargets: [Target.Dependency] = ["Kernels"]
  let baseline: [String] = []
  let instructionSetTargets: [Target] = []
#endif

let package = Package(
  name: "weft",
  platforms: [.macOS(.v26)],
  products: [
    .library(name: "Weft", targets: ["Weft"]),
    .library(name: "HDF5", targets: ["HDF5"]),
    .library(name: "DatasetTools", targets: ["DatasetTools"]),
    .library(name: "Interchange", targets: ["Interchange"]),
    .executable(name: "weft", targets: ["WeftCommand"]),
  ],
  traits: [
    .trait(name: "MPI", description: "Training by several processes, on one machine or many, through MPI.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(name: "CAllocator"),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
    .target(name: "HDF5", dependencies: ["CDeflate", "CHDF5"]),
    .systemLibrary(name: "CKissFFT", providers: [.apt(["libkissfft-dev"]), .brew(["kissfft"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(name: "CProcessor"),
    .systemLibrary(
      name: "CSampleRate", pkgConfig: "samplerate",
      providers: [.apt(["libsamplerate0-dev"]), .brew(["libsamplerate"])]),
    .systemLibrary(
      name: "CSoundFile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"]), .brew(["libsndfile"])]),
    .systemLibrary(
      name: "CTurboJPEG", pkgConfig: "libturbojpeg",
      providers: [.apt(["libturbojpeg0-dev"]), .brew(["jpeg-turbo"])]),
    .target(name: "KernelInterface"),
    .target(name: "Kernels", dependencies: ["CProcessor", "KernelInterface"], swiftSettings: kernelSettings(baseline)),
    .systemLibrary(
      name: "CMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"]), .brew(["open-mpi"])]),
    .target(name: "MPI", dependencies: ["Weft", .target(name: "CMPI", condition: .when(traits: ["MPI"]))]),
    .systemLibrary(
      name: "CSentencePieceSystem", pkgConfig: "sentencepiece", providers: [.apt(["libsentencepiece-dev"])]),
    .target(name: "CSentencePiece", dependencies: ["CSentencePieceSystem"]),
    .target(
      name: "Weft",
      dependencies: [
        "CProcessor", "CSentencePiece", "HDF5", "KernelInterface",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Yams", package: "Yams"),
      ] + vectorKernelTargets),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "DatasetTools", dependencies: ["Weft", "HDF5", "Media", "CSentencePiece", "CZlib"]),
    .target(name: "Media", dependencies: ["CKissFFT", "CPNG", "CSampleRate", "CSoundFile", "CTurboJPEG"]),
    .target(
      name: "Interchange",
      dependencies: ["HDF5", "Weft", .product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["ONNX/onnx.proto"]),
    .executableTarget(
      name: "WeftCommand",
      dependencies: [
        "CAllocator", "Weft", "DatasetTools", "Interchange", "Media",
        .target(name: "MPI", condition: .when(traits: ["MPI"])),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(name: "CharacterModel", dependencies: ["Weft"], path: "Examples/CharacterModel"),
    .executableTarget(
      name: "weft-experiments",
      dependencies: ["HDF5", "Weft", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Examples/Experiments"),
    .target(name: "Fuzzing", path: "Tests/Fuzz/Engine"),
    .executableTarget(
      name: "weft-fuzz", dependencies: ["Fuzzing", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Tests/Fuzz/Command"),
    .target(name: "TestSupport", path: "Tests/Support"),
    .testTarget(name: "FuzzTests", dependencies: ["Fuzzing", "WeftCommand"]),
    .testTarget(name: "HDF5Tests", dependencies: ["HDF5", "TestSupport"], resources: [.copy("Fixtures")]),
    .testTarget(name: "KernelTests", dependencies: ["KernelInterface", "TestSupport"] + vectorKernelTargets),
    .testTarget(name: "MediaTests", dependencies: ["Media", "TestSupport"], resources: [.copy("Fixtures")]),
    .testTarget(name: "WeftTests", dependencies: ["Weft", "HDF5", "TestSupport"], resources: [.copy("Fixtures")]),
    .testTarget(
      name: "DatasetToolsTests", dependencies: ["DatasetTools", "Media", "Weft", "HDF5"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "InterchangeTests", dependencies: ["Interchange", "Weft", "HDF5", "TestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "CommandTests", dependencies: ["WeftCommand", "weft-experiments", "HDF5", "TestSupport"],
      exclude: ["Ranks/hosts", "make_verses.py"]),
  ] + instructionSetTargets,
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)

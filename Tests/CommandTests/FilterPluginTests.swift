import Foundation
import TestSupport
import Testing

/// Files with filters of other authors, written by the Python package hdf5plugin: read with its plugins, and refused
/// without them.
@Suite(.enabled(if: Python.has("h5py", "hdf5plugin"), Python.missing))
struct FilterPluginTests {
  /// Writes a file, reads it with and without the plugins, and prints what is wrong.
  private static let program = """
    import h5py, hdf5plugin as p, numpy as np, os, subprocess, sys
    weft, name = sys.argv[1:]
    filters = {
        "blosc": p.Blosc("zstd", 5, p.Blosc.BITSHUFFLE), "blosc2": p.Blosc2(), "lz4": p.LZ4(), "zstd": p.Zstd(),
        "bitshuffle": p.Bitshuffle(), "bzip2": p.BZip2()}
    x = np.random.default_rng(0).integers(0, 50, (5000, 3)).astype("f4") / 4
    with h5py.File("data.h5", "w") as f:
        f.create_dataset("train/inputs", data=x, chunks=(640, 3), shuffle=name == "zstd", **filters[name])
    def run(*arguments, **variables):
        environment = {k: v for k, v in os.environ.items() if k != "HDF5_PLUGIN_PATH"} | variables
        return subprocess.run([weft, *arguments], capture_output=True, text=True, env=environment)
    lacking = run("data", "check", "data.h5")
    if lacking.returncode != 1 or f"with the filter {name}(" not in lacking.stderr \\
            or "HDF5_PLUGIN_PATH" not in lacking.stderr or lacking.stderr.count("\\n") != 1:
        print("without the plugin:", lacking)
    read = run("data", "check", "data.h5", HDF5_PLUGIN_PATH=p.PLUGINS_PATH)
    if read.returncode != 0: print("with the plugin:", read)
    copied = run("data", "convert", "data.h5", "--compression", "none", "-o", "copy.h5", HDF5_PLUGIN_PATH=p.PLUGINS_PATH)
    if copied.returncode != 0: print("copied:", copied)
    with h5py.File("copy.h5") as f:
        if not np.array_equal(f["train/inputs"][:], x): print("the values differ")
    """

  @Test(arguments: ["blosc", "blosc2", "lz4", "zstd", "bitshuffle", "bzip2"])
  func areReadWithTheirPlugin(_ name: String) throws {
    try TemporaryFolder.use { folder in
      let result = try Python.run(Self.program, Command.program.path, name, in: folder)
      #expect(result.status == 0 && result.output.isEmpty, "\(result.output)")
    }
  }
}

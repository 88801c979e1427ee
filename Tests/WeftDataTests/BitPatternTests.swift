import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftTasks

/// Floating-point numbers that NumPy made into integers of the same bits: told by an attribute or by their looks. Signals of
/// converters, counts and random integers look otherwise.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct BitPatternTests {
  private static func summary(_ program: String, in folder: TemporaryFolder) throws -> String {
    let before = """
      import h5py, numpy as np
      r = np.random.default_rng(0)
      z = r.normal(size=(40, 12, 3)).astype("f4")
      f = h5py.File("data.h5", "w"); f["train/targets"] = np.arange(40) % 2

      """
    let result = try Python.run(before + program + "\nf.close()", in: folder.url)
    #expect(result.status == 0, "\(result.output)")
    var configuration = Configuration()
    configuration.data.file = folder.file("data.h5")
    configuration.model.output = .lastStep
    return try DatasetFile(configuration).summary(split: "train")
  }

  @Test(arguments: [
    ("(z.view('u4') >> 16).astype('u2')", "bfloat16"), ("(z.view('u4') >> 16).astype('i2')", "bfloat16"),
    ("((3e-3 * z).view('u4') >> 16).astype('>u2')", "bfloat16"), ("z.astype('f2').view('u2')", "float16"),
    ("(100 * z).astype('f2').view('i2')", "float16"), ("z.view('u4')", "float32"),
    ("z.astype('f8').view('i8')", "float64"),
    ("r.uniform(-1, 1, z.shape).astype('f2').view('u2')", "float16"),
  ])
  func bitsAreTold(_ numbers: String, _ format: String) throws {
    let folder = try TemporaryFolder()
    let summary = try Self.summary("f['train/inputs'] = \(numbers)", in: folder)
    #expect(
      summary.contains(
        "/train/inputs: its integers look like the bits of \(format); if they are, save the numbers"),
      "\(summary)")
  }

  /// What is advised gives the numbers.
  @Test func programsMakeTheNumbers() throws {
    let folder = try TemporaryFolder()
    let result = try Python.run(
      """
      import numpy as np
      z = np.random.default_rng(0).normal(size=1000).astype("f4")
      b = (z.view("u4") >> 16).astype("u2")
      for x, tolerance in (b, 2 ** -7), (b.view("i2"), 2 ** -7):
          assert np.abs((x[...].astype('u4') << 16).view('f4') / z - 1).max() < tolerance
      for x in z.astype("f2").view("u2"), z.astype("f2").view("i2"):
          assert (x[...].astype('u2').view('f2') == z.astype("f2")).all()
      """, in: folder.url)
    #expect(result.status == 0, "\(result.output)")
  }

  @Test(arguments: [
    "(3000 * z).astype('i2')", "(32768 + 500 * np.cumsum(z, 1)).astype('u2')",
    "r.integers(0, 65536, z.shape).astype('u2')", "r.integers(0, 4096, z.shape).astype('u2')",
    "np.where(z > 0, 20000, -20000).astype('i2')", "r.poisson(20, z.shape).astype('u2')",
    "(1.7e9 + 86400 * np.cumsum(np.abs(z), 1)).astype('i8')", "(1e6 * z).astype('i4')",
    "r.integers(-2**31, 2**31, z.shape).astype('i4')",
    "np.where(z > 0, 1000, 40000).astype('u2') + r.integers(0, 900, z.shape).astype('u2')",
  ])
  func integersAreNotDoubted(_ numbers: String) throws {
    let folder = try TemporaryFolder()
    let summary = try Self.summary("f['train/inputs'] = \(numbers)", in: folder)
    #expect(!summary.contains("look like the bits"), "\(summary)")
  }

  @Test(arguments: [("dtype", "bfloat16"), ("torch_dtype", "torch.bfloat16"), ("type", "BF16")])
  func whatAnAttributeSaysIsRefused(_ name: String, _ value: String) throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: WeftError.self) {
      try Self.summary(
        """
        f['train/inputs'] = (abs(z).view('u4') >> 16).astype('u2')
        f['train/inputs'].attrs['\(name)'] = '\(value)'
        """, in: folder)
    }
    #expect(
      error?.message.contains(
        "dataset /train/inputs: holds the bits of bfloat16 as integers, as its attribute \(name) says; save the numbers"
      )
        == true, "\(error?.message ?? "")")
  }

  /// xarray tells the type of unpacked numbers; a type of as many bits is no other.
  @Test(arguments: [
    "f['train/inputs'].attrs['dtype'] = 'float32'", "f['train/inputs'].attrs['dtype'] = 'uint16'",
    "f['train/inputs'].attrs['dtype'] = 'float16'; f['train/inputs'].attrs['scale_factor'] = 0.5",
    "f['train/inputs'].attrs['type'] = 'accelerometer'",
  ])
  func otherAttributesAreNoObstacle(_ attributes: String) throws {
    let folder = try TemporaryFolder()
    _ = try Self.summary("f['train/inputs'] = np.abs(900 * z).astype('u2'); \(attributes)", in: folder)
  }
}

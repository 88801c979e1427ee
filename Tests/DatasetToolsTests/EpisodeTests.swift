import DatasetTools
import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase

/// Demonstrations and episodes as robotics and reinforcement learning publish them, made by h5py.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct EpisodeTests {
  private static func make(_ program: String, in fixture: Fixture) throws {
    let made = try Python.run("import h5py, numpy as np\n" + program, in: fixture.folder)
    #expect(made.status == 0, "\(made.output)")
  }

  /// As robomimic: a group for each demonstration, observations in groups of their own, and lists of names.
  private static let demonstrations = """
    with h5py.File("data.h5", "w") as f:
        for i in range(12):
            g = f.create_group(f"data/demo_{i}"); n = 2 + i % 3
            g["obs/eef_pos"] = 100.0 * i + np.arange(3 * n).reshape(n, 3)
            g["obs/gripper"] = -np.arange(n) - 10.0 * i
            g["obs/image"] = np.zeros((n, 4, 4, 3), "u1")
            g["actions"] = np.arange(2 * n).reshape(n, 2) / 4 + i
        f["mask/train"] = [f"demo_{i}" for i in (11, 2, 3, 10, 0)]
        f["mask/valid"] = np.array([f"demo_{i}" for i in (1, 4)], "S8")
        with h5py.File("expected.h5", "w") as e:
            for split, numbers in [("train", [0, 2, 3, 10, 11]), ("validation", [1, 4])]:
                groups = [f[f"data/demo_{i}"] for i in numbers]
                e[f"{split}/inputs"] = np.concatenate(
                    [np.column_stack([g["obs/eef_pos"], g["obs/gripper"]]) for g in groups])
                e[f"{split}/targets"] = np.concatenate([g["actions"] for g in groups])
    """

  @Test func listsOfNamesAreSplits() throws {
    let fixture = try Fixture()
    try Self.make(Self.demonstrations, in: fixture)
    var dataset = HierarchyDataset(files: [fixture.path("data.h5")], inputs: ["data/{}/obs/*"])
    dataset.targets = "data/{}/actions"
    dataset.splitLists = [("train", "mask/train"), ("validation", "mask/valid")]
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(summary.splits.map(\.count) == [5, 2])
    #expect(summary.notes.contains("data/{}/obs/*: eef_pos (3), gripper (1)"), "\(summary.notes)")
    #expect(
      summary.notes.contains { $0.hasPrefix("data/{}/obs/*: left out: image (uint8 [2, 4, 4, 3])") })
    #expect(summary.notes.contains("5 sequences are in none of the lists, and left out"))
    let expected = try File(opening: fixture.path("expected.h5"))
    for (split, numbers) in [("train", [0, 2, 3, 10, 11]), ("validation", [1, 4])] {
      #expect(try file.dataset("\(split)/names").read(as: String.self) == numbers.map { "demo_\($0)" })
      for name in ["inputs", "targets"] {
        let wanted = try expected.dataset("\(split)/\(name)").read(as: Double.self)
        #expect(try file.dataset("\(split)/\(name)").read(as: Double.self) == wanted)
      }
    }
  }

  /// As DROID: observations in groups of groups.
  @Test func nestedGroupsAreJoined() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      with h5py.File("data.h5", "w") as f:
          for i in range(3):
              g = f.create_group(f"episode_{i}/observation")
              g["state/joint"] = np.arange(8.0).reshape(4, 2) + 100 * i; g["state/grip"] = np.arange(4.0) + 50
              g["controller"] = np.arange(4.0)[:, None] - 100; g["camera/left"] = np.zeros((4, 2, 2, 3), "u1")
      """, in: fixture)
    let dataset = HierarchyDataset(files: [fixture.path("data.h5")], inputs: ["{}/observation/**"])
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(
      summary.notes.contains("{}/observation/**: controller (1), state/grip (1), state/joint (2)"),
      "\(summary.notes)")
    let wanted: [Int] = (0..<12).flatMap { row -> [Int] in
      let (i, step) = (row / 4, row % 4)
      return [step - 100, step + 50, 2 * step + 100 * i, 2 * step + 1 + 100 * i]
    }
    #expect(try file.dataset("train/inputs").read(as: Int.self) == wanted)
  }

  /// A group for each speaker, and in it one for each recording.
  @Test func groupsInGroups() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      with h5py.File("data.h5", "w") as f:
          f["about"] = 1
          for i in range(6):
              g = f.create_group(f"S{i % 2}/rec{i}"); g["mfcc"] = np.full((2 + i, 3), i); f[f"S{i % 2}"].attrs["id"] = i % 2
              g.attrs["word"] = "no yes".split()[i // 3]
      """, in: fixture)
    var dataset = HierarchyDataset(files: [fixture.path("data.h5")], inputs: ["{}/{}/mfcc"])
    dataset.targets = "{}/{}@word"
    dataset.groups = "{}@id"
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(
      try file.dataset("train/names").read(as: String.self)
        == ["S0/rec0", "S0/rec2", "S0/rec4", "S1/rec1", "S1/rec3", "S1/rec5"])
    let repeated: [Int] = [0, 2, 4, 1, 3, 5].flatMap { [Int](repeating: $0, count: 3 * (2 + $0)) }
    #expect(try file.dataset("train/inputs").read(as: Int.self) == repeated)
    #expect(try file.dataset("train/targets").read(as: Int.self) == [0, 0, 1, 0, 1, 1])
    // All recordings of a speaker are in one split.
    var result: File?
    for seed in 1...20 where result == nil {
      // Both may be drawn for one split, which leaves the other empty.
      dataset.plan = try SplitPlan("0.5,0.5", seed: UInt64(seed))
      result = try? fixture.make("divided.h5") { try dataset.write(to: $0, progress: $1) }.file
    }
    let divided = try #require(result)
    for split in ["train", "validation"] {
      let names = try divided.dataset("\(split)/names").read(as: String.self)
      #expect(names.count == 3 && Set(names.map { $0.prefix(2) }).count == 1, "\(names)")
    }
  }

  @Test(arguments: [
    ("mask/none", "no dataset 'mask/none'; --split-lists names it"),
    ("mask/train", "'demo_11' is for train, too; no sequence can be in two splits"),
    ("mask/other", "there is no sequence 'demo_99'"),
    ("mask/numbers", "has type int64; --split-lists needs names of sequences"),
  ])
  func listsThatDoNotFitAreNamed(_ second: String, _ message: String) throws {
    let fixture = try Fixture()
    try Self.make(
      Self.demonstrations + "\n    f['mask/other'] = ['demo_99']; f['mask/numbers'] = [1, 2]", in: fixture)
    var dataset = HierarchyDataset(files: [fixture.path("data.h5")], inputs: ["data/{}/actions"])
    dataset.splitLists = [("train", "mask/train"), ("validation", second)]
    let failure = fixture.failure { try dataset.write(to: $0, progress: $1) }
    #expect(failure.contains(message), "\(failure)")
  }

  /// As D4RL: arrays of all steps, and marks of the last step of each episode.
  private static let steps = """
    n = 23
    with h5py.File("data.h5", "w") as f:
        f["observations"] = np.arange(2.0 * n).reshape(n, 2); f["actions"] = np.arange(n)[:, None] / 8
        f["terminals"] = np.isin(np.arange(n), [3, 9]); f["timeouts"] = np.isin(np.arange(n), [10, 19])
        f["none"] = np.zeros(n, bool); f["short"] = np.zeros(n - 1, bool)
    """

  @Test func marksEndSequences() throws {
    let fixture = try Fixture()
    try Self.make(Self.steps, in: fixture)
    var dataset = HierarchyDataset(files: [fixture.path("data.h5")], inputs: ["observations"])
    dataset.targets = "actions"
    dataset.ends = ["terminals", "timeouts"]
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 4, 10, 11, 20, 23])
    #expect(try file.dataset("train/inputs").read(as: Int.self) == Array(0..<46))
    #expect(try file.dataset("train/targets").read(as: Double.self) == (0..<23).map { Double($0) / 8 })
    #expect(summary.notes.contains("the last 3 steps have no end, and are a sequence"))
  }

  @Test(arguments: [
    (["none"], "nothing ends a sequence: /none is 0 everywhere"),
    (
      ["short"],
      "dataset /short: has the shape [22], but /observations has 23 steps"
    ),
    (["nowhere"], "no dataset 'nowhere'"),
  ])
  func marksThatDoNotFitAreNamed(_ ends: [String], _ message: String) throws {
    let fixture = try Fixture()
    try Self.make(Self.steps, in: fixture)
    var dataset = HierarchyDataset(files: [fixture.path("data.h5")], inputs: ["observations"])
    dataset.ends = ends
    let failure = fixture.failure { try dataset.write(to: $0, progress: $1) }
    #expect(failure.contains(message), "\(failure)")
  }

  /// Dimensions that are named, as xarray and netCDF do it, need no option.
  @Test func namesOfDimensionsTellTime() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      x = np.arange(24.0).reshape(4, 3, 2)
      with h5py.File("data.h5", "w") as f:
          def put(name, values, dimensions):
              f[name] = values
              for i, scale in enumerate(dimensions):
                  if scale not in f: f[scale] = np.arange(values.shape[i]); f[scale].make_scale(scale)
                  f[name].dims[i].attach_scale(f[scale])
          put("grid", x, ["time", "lat", "lon"]); put("series", x.transpose(1, 2, 0), ["lat", "lon", "time"])
          put("station", x[:, 0].T, ["lon", "time"])
      """, in: fixture)
    var dataset = HierarchyDataset(files: [fixture.path("data.h5")], inputs: ["grid"])
    let (grid, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try grid.dataset("train/inputs").shape == [4, 6])
    #expect(try grid.dataset("train/inputs").read(as: Int.self) == Array(0..<24))
    #expect(summary.notes.contains("/grid: its dimensions are time, lat, lon, read as --axes TFF"))
    dataset.inputs = ["series"]
    let (series, _) = try fixture.make("series.h5") { try dataset.write(to: $0, progress: $1) }
    #expect(try series.dataset("train/offsets").read(as: Int.self) == [0, 4, 8, 12])
    let turned: [Int] = (0..<24).map { index -> Int in
      let (row, step, lon) = (index / 8, index / 2 % 4, index % 2)
      return 6 * step + 2 * row + lon
    }
    #expect(try series.dataset("train/inputs").read(as: Int.self) == turned)
    dataset.inputs = ["station"]
    let failure = fixture.failure { try dataset.write(to: $0, progress: $1) }
    #expect(failure.contains("its dimensions are lon, time; say with --axes NT"), "\(failure)")
  }

  /// Several dimensions of features, in the order of NumPy's `reshape` after `transpose`.
  @Test(arguments: [
    ("NTFF", "x"), ("NTHW", "x"), ("NFTF", "x.transpose(0, 2, 1, 3)"), ("TNFF", "x.transpose(1, 0, 2, 3)"),
    ("NTFFF", "x.reshape(5, 3, 4, 2, 1)"), ("NFFT", "x.transpose(0, 2, 3, 1)"),
  ])
  func severalDimensionsOfFeatures(_ axes: String, _ arranged: String) throws {
    let fixture = try Fixture()
    try Self.make(
      """
      x = np.arange(5 * 3 * 4 * 2.0).reshape(5, 3, 4, 2)
      with h5py.File("data.h5", "w") as f:
          f.create_dataset("x", data=\(arranged), chunks=True); f["y"] = np.arange(15).reshape(5, 3) if "T" == "\(axes)"[1] else np.arange(5)
      """, in: fixture)
    var dataset = HierarchyDataset(files: [fixture.path("data.h5")], inputs: ["x"])
    dataset.axes = axes
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/inputs").shape == [15, 8])
    #expect(try file.dataset("train/inputs").read(as: Int.self) == Array(0..<120))
    if axes.hasPrefix("NT") {
      dataset.targets = "y"
      let (steps, _) = try fixture.make("y.h5") { try dataset.write(to: $0, progress: $1) }
      #expect(try steps.dataset("train/targets").read(as: Int.self) == Array(0..<15))
    }
    dataset.axes = ""
    let failure = fixture.failure { try dataset.write(to: $0, progress: $1) }
    let rank = axes.count
    #expect(
      failure.contains(
        "NT\(String(repeating: "F", count: rank - 2)) makes features of the last \(rank - 2)"), "\(failure)")
  }

  /// As Minari: one observation more than actions.
  @Test func lastObservationsAreLeftOut() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      with h5py.File("data.h5", "w") as f:
          for i in range(3):
              f[f"episode_{i}/observations/position"] = 10.0 * i + np.arange(2 * (i + 4)).reshape(-1, 2)
              f[f"episode_{i}/actions"] = np.arange(i + 3)[:, None] / 4
          with h5py.File("expected.h5", "w") as e:
              e["inputs"] = np.concatenate([f[f"episode_{i}/observations/position"][:-1] for i in range(3)])
              e["targets"] = np.concatenate([f[f"episode_{i}/actions"] for i in range(3)])
      """, in: fixture)
    var dataset = HierarchyDataset(
      files: [fixture.path("data.h5")], inputs: ["episode_{}/observations/*"])
    dataset.targets = "episode_{}/actions"
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let expected = try File(opening: fixture.path("expected.h5"))
    for name in ["inputs", "targets"] {
      #expect(
        try file.dataset("train/\(name)").read(as: Double.self)
          == expected.dataset(name).read(as: Double.self))
    }
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 3, 7, 12])
    #expect(
      summary.notes.contains("the last observation of each sequence, after its last action, is left out"),
      "\(summary.notes)")
  }
}

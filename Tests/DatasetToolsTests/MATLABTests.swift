import Foundation
import HDF5
import TestSupport
import Testing

@testable import DatasetTools
@testable import WeftBase

/// Files as MATLAB writes them with `-v7.3`, made by h5py: dimensions are reversed, cells are references, characters are
/// UTF-16, and objects are numbers of what is stored elsewhere.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct MATLABTests {
  private static let start = """
    import h5py, numpy as np
    def mark(d, name):
        d.attrs["MATLAB_class"] = np.bytes_(name)
        return d
    def put(f, path, x, name="double"):
        return mark(f.create_dataset(path, data=np.asarray(x).T), name)
    def char(f, path, *rows):
        d = put(f, path, np.array([[ord(c) for c in row] for row in rows], "u2"), "char")
        d.attrs["MATLAB_int_decode"] = np.int32(2)
        return d
    def cell(f, path, items):
        refs = []
        for i, item in enumerate(items):
            name = f"#refs#/{path}{i}"
            refs.append((char(f, name, item) if isinstance(item, str) else put(f, name, item)).ref)
        refs = np.array(refs, dtype=h5py.ref_dtype).reshape(-1, 1)
        return mark(f.create_dataset(path, data=refs, dtype=h5py.ref_dtype), "cell")
    f = h5py.File("data.mat", "w", userblock_size=512)
    steps = [3, 1, 7, 4]
    # Sequence i has i, feature f and step t in its hundreds, tens and ones; features x steps.
    x = [np.fromfunction(lambda f, t: 100.0 * i + 10 * f + t, (2, n)) for i, n in enumerate(steps)]

    """

  private static let values: [Double] = {
    var values: [Double] = []
    for (i, steps) in [3, 1, 7, 4].enumerated() {
      for t in 0..<steps { values += [Double(100 * i + t), Double(100 * i + 10 + t)] }
    }
    return values
  }()

  private static func convert(
    _ program: String, _ inputs: [String] = ["X"], targets: String? = nil, axes: String = "",
    in fixture: Fixture
  ) throws -> (file: File, notes: [String]) {
    let made = try Python.run(start + program + "\nf.close()", in: fixture.folder)
    #expect(made.status == 0, "\(made.output)")
    var dataset = HierarchyDataset(files: [fixture.path("data.mat")], inputs: inputs)
    (dataset.targets, dataset.axes) = (targets, axes)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    return (file, summary.notes)
  }

  private static func failure(
    _ program: String, targets: String? = nil, in fixture: Fixture
  ) throws -> String {
    let made = try Python.run(start + program + "\nf.close()", in: fixture.folder)
    #expect(made.status == 0, "\(made.output)")
    var dataset = HierarchyDataset(files: [fixture.path("data.mat")], inputs: ["X"])
    dataset.targets = targets
    return fixture.failure { try dataset.write(to: $0, progress: $1) }
  }

  /// Time is the dimension in which cells differ, whichever it is.
  @Test(arguments: ["x", "[a.T for a in x]"]) func cellsAreSequences(_ cells: String) throws {
    let fixture = try Fixture()
    let (file, _) = try Self.convert(
      "cell(f, 'X', \(cells)); cell(f, 'Y', ['walk', 'sit', 'walk', 'läuft'])", targets: "Y", in: fixture)
    #expect(try file.dataset("train/inputs").shape == [15, 2])
    #expect(try file.dataset("train/inputs").read(as: Double.self) == Self.values)
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 3, 4, 11, 15])
    #expect(try file.dataset("classes").read(as: String.self) == ["läuft", "sit", "walk"])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [2, 1, 2, 0])
  }

  @Test func targetsAreVectorsTextsOrCells() throws {
    let fixture = try Fixture()
    for column in ["np.array([[2], [0], [1], [0]])", "np.array([[2, 0, 1, 0]])"] {
      let (file, _) = try Self.convert(
        "cell(f, 'X', x); put(f, 'Y', \(column).astype('f8'))", targets: "Y", in: fixture)
      #expect(try file.dataset("train/targets").read(as: Double.self) == [2, 0, 1, 0])
    }
    // A character matrix pads its rows with blanks.
    let (texts, _) = try Self.convert(
      "cell(f, 'X', x); char(f, 'Y', 'sit ', 'walk', 'sit ', 'run ')", targets: "Y", in: fixture)
    #expect(try texts.dataset("classes").read(as: String.self) == ["run", "sit", "walk"])
    #expect(try texts.dataset("train/targets").read(as: Int.self) == [1, 2, 1, 0])
    // A value for each step, in a row or a column.
    for turned in ["a[:1]", "a[:1].T"] {
      let (steps, _) = try Self.convert(
        "cell(f, 'X', x); cell(f, 'Y', [\(turned) for a in x])", targets: "Y", in: fixture)
      #expect(
        try steps.dataset("train/targets").read(as: Double.self)
          == Self.values.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element))
    }
  }

  /// Cells of vectors have one feature, whichever way they lie.
  @Test(arguments: ["a[1:]", "a[1:].T"]) func vectorsAreSteps(_ turned: String) throws {
    let fixture = try Fixture()
    let (file, _) = try Self.convert("cell(f, 'X', [\(turned) for a in x])", in: fixture)
    #expect(try file.dataset("train/inputs").shape == [15, 1])
    #expect(
      try file.dataset("train/inputs").read(as: Double.self)
        == Self.values.enumerated().filter { !$0.offset.isMultiple(of: 2) }.map(\.element))
  }

  @Test func equalCellsAreReadAsMATLABsOrderAndTold() throws {
    let fixture = try Fixture()
    let program = "cell(f, 'X', [np.arange(6.0).reshape(2, 3) + 10 * i for i in range(3)])"
    let (file, notes) = try Self.convert(program, in: fixture)
    #expect(try file.dataset("train/inputs").shape == [9, 2])
    #expect(
      try file.dataset("train/inputs").read(as: Double.self).prefix(6) == [0, 3, 1, 4, 2, 5])
    #expect(
      notes.contains {
        $0.contains("each of 3 sequences is 2 x 3, read as features x steps; add --axes FT if")
      }, "\(notes)")
    let (turned, _) = try Self.convert(program, axes: "FT", in: fixture)
    #expect(try turned.dataset("train/inputs").shape == [6, 3])
    #expect(try turned.dataset("train/inputs").read(as: Double.self).prefix(6) == [0, 1, 2, 3, 4, 5])
  }

  /// The fields of an array of structures are arrays of references, too.
  @Test func fieldsOfStructures() throws {
    let fixture = try Fixture()
    let (file, _) = try Self.convert(
      "f.create_group('s'); cell(f, 's/x', x); cell(f, 's/label', ['a', 'b', 'a', 'b'])", ["s/x"],
      targets: "s/label", in: fixture)
    #expect(try file.dataset("train/inputs").read(as: Double.self) == Self.values)
    #expect(try file.dataset("train/targets").read(as: Int.self) == [0, 1, 0, 1])
  }

  @Test func arraysWithTextsTellTheirOrder() throws {
    let fixture = try Fixture()
    // In MATLAB features x steps x sequences.
    let (file, notes) = try Self.convert(
      "put(f, 'X', np.arange(24.0).reshape(2, 4, 3)); cell(f, 'Y', ['b', 'a', 'b'])", targets: "Y",
      in: fixture)
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 4, 8, 12])
    #expect(
      try file.dataset("train/inputs").read(as: Double.self).prefix(8) == [0, 12, 3, 15, 6, 18, 9, 21])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [1, 0, 1])
    #expect(
      notes.contains { $0.contains("/X: 2 x 4 x 3 in MATLAB, read as features x steps x sequences") },
      "\(notes)")
  }

  @Test(arguments: [
    (
      "cell(f, 'X', x); d = put(f, 'Y', np.ones((1, 6), 'u4'), 'categorical'); d.attrs['MATLAB_object_decode'] = 3",
      "dataset /Y: is of MATLAB's class categorical, which only MATLAB reads; save cellstr(x), or double(x)"
    ),
    (
      "cell(f, 'X', x); d = put(f, 'Y', np.ones((1, 6), 'u4'), 'string'); d.attrs['MATLAB_object_decode'] = 3",
      "/Y: is of MATLAB's class string, which only MATLAB reads; save cellstr(x)"
    ),
    (
      "cell(f, 'X', x); d = put(f, 'Y', np.array([[0, 4]], 'u8')); d.attrs['MATLAB_empty'] = np.uint8(1)",
      "/Y: is empty in MATLAB"
    ),
    (
      "cell(f, 'X', [x[0], x[2].T]); put(f, 'Y', np.ones((2, 1)))",
      "/X: its elements have the shapes [3, 2] and [2, 7]; sequences need equal numbers of features"
    ),
    (
      "cell(f, 'X', x); put(f, 'Y', np.ones((5, 1)))",
      "/Y: has the shape [5]; targets need one row for each of 4 sequences"
    ),
    (
      "put(f, 'X', np.ones((4, 3, 2))); put(f, 'Y', np.ones((4, 1)))",
      "one row for each of 2 sequences, or the axes of the inputs for 3 steps each; /X: 4 x 3 x 2 in MATLAB, read as"
        + " features x steps x sequences; --axes gives another order"
    ),
    (
      "f['X'] = np.ones((4, 3), complex); put(f, 'Y', np.ones((4, 1)))",
      "/X: contains complex numbers; save their parts as features"
    ),
    ("char(f, 'X', 'abc'); put(f, 'Y', np.ones((3, 1)))", "/X: is text of MATLAB"),
  ])
  func whatIsNotWhatItSeemsIsNamed(_ program: String, _ message: String) throws {
    let fixture = try Fixture()
    let failure = try Self.failure(program, targets: "Y", in: fixture)
    #expect(failure.contains(message), "\(failure)")
  }

  /// A matrix of one series has its steps in the dimension of its targets, or in the larger one where that reads as in MATLAB.
  @Test func orderOfOneMatrix() throws {
    let fixture = try Fixture()
    let (file, notes) = try Self.convert(
      "put(f, 'X', np.arange(12.0).reshape(6, 2)); put(f, 'Y', np.arange(6.0).reshape(1, 6))", targets: "Y",
      in: fixture)
    #expect(try file.dataset("train/inputs").shape == [6, 2])
    #expect(try file.dataset("train/inputs").read(as: Double.self) == (0..<12).map { Double($0) })
    #expect(
      notes.contains("/X: 6 x 2 in MATLAB, read as steps x features, as its targets have 6 steps"), "\(notes)"
    )
    #expect(
      try Self.failure("put(f, 'X', np.ones((6, 2)))", in: fixture).contains(
        "/X: is 6 x 2 in MATLAB; say with --axes FT that its 6 rows are steps, or with --axes TF that its 2 columns are"
      ))
    let (other, _) = try Self.convert("put(f, 'X', np.arange(12.0).reshape(2, 6))", in: fixture)
    #expect(try other.dataset("train/inputs").read(as: Double.self).prefix(4) == [0, 6, 1, 7])
  }

  /// A row of a matrix is a sequence in MATLAB, and a column in the file.
  @Test func targetsInRowsOfMATLAB() throws {
    let fixture = try Fixture()
    let (file, _) = try Self.convert(
      "put(f, 'X', np.arange(24.0).reshape(3, 2, 4)); put(f, 'Y', np.arange(12.0).reshape(3, 4))",
      targets: "Y", axes: "FTN",
      in: fixture)
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 2, 4, 6])
    #expect(try file.dataset("train/targets").shape == [3, 4])
    #expect(try file.dataset("train/targets").read(as: Double.self) == (0..<12).map { Double($0) })
  }

  @Test func adviceNamesArraysThatHaveNames() throws {
    let fixture = try Fixture()
    let made = try Python.run(
      Self.start + """
        put(f, "EEG/data", np.zeros((8, 4)), "single")
        char(f, "EEG/comments", "x" * 60)
        put(f, "#refs#/a", np.zeros(200))
        """, in: URL(filePath: fixture.path("")))
    #expect(made.status == 0, "\(made.output)")
    let advice = try FileAdvice.failure(File(opening: fixture.path("data.mat"))).message
    #expect(advice.contains("numbers in groups: weft data hdf5"), "\(advice)")
    #expect(advice.contains("--inputs /EEG/data --output"), "\(advice)")
  }
}

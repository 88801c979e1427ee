import HDF5
import Testing

@testable import DatasetTools

@Suite struct ArchiveTests {
  /// The golden values were read by aeon.
  @Test func seriesAsAeonReadsThem() throws {
    let fixture = try Fixture()
    let golden = try File(opening: Fixture.path("archives.h5"))
    let files = ["Ragged_TRAIN", "Ragged_TEST"].map { Fixture.path("\($0).ts") }
    let (ragged, summary) = try fixture.make { try ArchiveDataset(files: files).write(to: $0, progress: $1) }
    let (dense, _) = try fixture.make("dense.h5") {
      try ArchiveDataset(files: [Fixture.path("Dense.ts")]).write(to: $0, progress: $1)
    }
    for (file, split, name) in [
      (ragged, "train", "Ragged_TRAIN"), (ragged, "test", "Ragged_TEST"), (dense, "train", "Dense"),
    ] {
      let lengths = try golden.dataset("\(name)/lengths").read(as: Int.self)
      let inputs = try file.dataset("\(split)/inputs")
      #expect(try inputs.read(as: Float.self) == golden.dataset("\(name)/inputs").read(as: Float.self))
      if name == "Dense" {
        #expect(try inputs.shape == [3, 3, 2])
      } else {
        let offsets = try file.dataset("\(split)/offsets").read(as: Int.self)
        #expect(zip(offsets, offsets.dropFirst()).map { $1 - $0 } == lengths)
      }
      let classes = try file.dataset("classes").read(as: String.self)
      #expect(classes == ["b", "a", "10"])
      let targets = try file.dataset("\(split)/targets").read(as: Int.self)
      #expect(try targets.map { classes[$0] } == golden.dataset("\(name)/targets").read(as: String.self))
    }
    #expect(summary.text == "train 4, test 2 sequences\n3 classes")
  }

  /// Steps without a time stamp are missing, as pandas resamples them.
  @Test func timeStamps() throws {
    let (fixture, golden) = (try Fixture(), try File(opening: Fixture.path("more-archives.h5")))
    var dataset = ArchiveDataset(files: [Fixture.path("Stamped.ts")])
    dataset.missing = .keep
    for step in [nil, RowDistance.seconds(600)] {
      dataset.step = step
      let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
      #expect(
        try file.dataset("train/inputs").read(as: Float.self).map(\.bitPattern)
          == golden.dataset("stamped/inputs").read(as: Float.self).map(\.bitPattern))
      #expect(
        try file.dataset("train/time").read(as: Double.self)
          == golden.dataset("stamped/time").read(as: Double.self))
      let offsets = try file.dataset("train/offsets").read(as: Int.self)
      #expect(
        try zip(offsets, offsets.dropFirst()).map { $1 - $0 }
          == golden.dataset("stamped/lengths").read(as: Int.self))
      #expect(summary.notes.contains("4 values are missing between the time stamps"))
      #expect(summary.notes.contains("read time stamps of steps of 600 seconds") == (step == nil))
    }
    dataset.files = [Fixture.path("Dense.ts")]
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }
        == "--every is for series with time stamps, which \(Fixture.path("Dense.ts")) does not have")
  }

  /// Dimensions of Weka, as aeon reads them; and steps, where columns are no steps.
  @Test func relations() throws {
    let (fixture, golden) = (try Fixture(), try File(opening: Fixture.path("more-archives.h5")))
    let (file, summary) = try fixture.make {
      try ArchiveDataset(files: [Fixture.path("Relational.arff")]).write(to: $0, progress: $1)
    }
    #expect(
      try file.dataset("train/inputs").read(as: Float.self)
        == golden.dataset("relational/inputs").read(as: Float.self))
    #expect(try file.dataset("train/inputs").shape == [15, 3])
    #expect(try file.dataset("classes").read(as: String.self) == ["run", "stand still"])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [0, 1, 0])
    #expect(
      summary.notes.contains(
        "read each row of 'relationalAtt' as a dimension of at most 5 steps, 'att0' to 'att4'; 'activity' is its class"
      ))
    let head =
      "@relation r\n@attribute bag relational\n@attribute x numeric\n@attribute y numeric\n@end bag\n"
    let steps = try fixture.write(head + "@attribute c {a,b}\n@data\n'1,2\\n3,4\\n5,?',b\n", "steps.arff")
    var dataset = ArchiveDataset(files: [steps])
    dataset.missing = .forward
    let (other, told) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try other.dataset("train/inputs").read(as: Float.self) == [1, 2, 3, 4, 5, 4])
    #expect(
      try other.dataset("train/inputs").attributes.values("feature_names", as: String.self) == ["x", "y"])
    #expect(
      told.notes.contains("read each row of 'bag' as a step of 2 dimensions, 'x' to 'y'; 'c' is its class"))
    let bare = try fixture.write(head + "@attribute c {a,b}\n@data\n1,2,b\n", "bare.arff")
    #expect(
      fixture.failure { try ArchiveDataset(files: [bare]).write(to: $0, progress: $1) }.contains(
        "line 8: does not begin with rows of 'bag' in quotation marks"))
  }

  /// Numbers that single precision would round are kept, with a note.
  @Test func doublePrecision() throws {
    let (fixture, golden) = (try Fixture(), try File(opening: Fixture.path("more-archives.h5")))
    let (file, summary) = try fixture.make {
      try ArchiveDataset(files: [Fixture.path("Doubles.ts")]).write(to: $0, progress: $1)
    }
    for name in ["inputs", "targets"] {
      #expect(
        try file.dataset("train/\(name)").read(as: Double.self)
          == golden.dataset("doubles/\(name)").read(as: Double.self))
    }
    #expect(
      summary.notes.contains(
        "stored in double precision, as single precision rounds 16777217 on line 7, its series"))
  }

  @Test func missingValues() throws {
    let fixture = try Fixture()
    var dataset = ArchiveDataset(files: [Fixture.path("Missing.ts")])
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }.hasSuffix(
        "Missing.ts: line 11: value 2 of dimension 1 is missing; handle missing values with --missing"
          + " forward, mean or keep"
      ))
    for (missing, expected) in [(MissingValues.forward, [1, 4, 1, 5, 3, 5]), (.mean, [1, 4, 2, 5, 3, 4.5])] {
      dataset.missing = missing
      let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
      #expect(try file.dataset("train/inputs").read(as: Double.self) == expected)
    }
  }

  @Test(arguments: [
    ("1,2\n", "line 1: expected a line that starts with @ before @data; is this a .ts file?"),
    ("@univariate true\n", "has no line @data; is this a .ts file?"),
    ("@classLabel true a\n@data\n1,2:b\n", "line 3: its class 'b' is not among those of @classLabel"),
    ("@dimensions 2\n@classLabel true a\n@data\n1,2:a\n", "line 4: has 1 dimensions, expected 2"),
    ("@classLabel true a\n@data\n1,x:a\n", "line 3: value 2 of dimension 1, 'x', is not a number"),
    ("@classLabel true a\n@data\n1,2:1:a\n", "line 3: dimension 2 has 1 values, but dimension 1 has 2"),
    (
      "@timeStamps true\n@data\n(0,1),(1,2)\n(0,1),(0.5,2)\n",
      "line 4: the time stamp '0.5' is not a whole number of steps of 1 after the first of its series; name another"
        + " distance with --every, or resample the series first, for example with pandas.Series.resample"
    ),
    (
      "@timeStamps true\n@data\n(0,1),(1,2)\n(3,1),(3,2)\n",
      "line 4: the time stamp '3' of dimension 1 is not after the one before it"
    ),
    (
      "@timeStamps true\n@data\n(0,1),(1,2)\n(0,1),(3,2)\n",
      "line 4: step 2 of dimension 1 has no value, by its time stamps; handle missing values with --missing forward,"
        + " mean or keep"
    ),
    (
      "@timeStamps true\n@classLabel true a\n@data\n(0,1),(1,2:a\n",
      "line 4: is not a series with time stamps, such as (0,1.5),(1,2.5):class"
    ),
    (
      "@timeStamps true\n@data\n(noon,1),(1,2)\n",
      "line 3: the time stamp 'noon' is neither a number nor a time of ISO 8601 such as 2026-01-31 12:00:00"
    ),
    ("@data\n1e39,2\n", "line 2: 1e39 exceeds the range of 32-bit numbers, 3.4e38"),
  ]) func badArchivesAreNamed(_ text: String, _ message: String) throws {
    let fixture = try Fixture()
    let path = try fixture.write(text, "bad.ts")
    let failure = fixture.failure { try ArchiveDataset(files: [path]).write(to: $0, progress: $1) }
    #expect(failure == "\(path): \(message)")
  }

  /// Fields that are left out would make a series shorter, or one of its values its target.
  @Test(arguments: [
    (
      "t.ts", "@classLabel true a b\n@targetLabel true\n@data\n1,2:1\n",
      "line 3: both @classLabel and @targetLabel are true"
    ),
    (
      "t.arff",
      "@attribute t1 numeric\n@attribute t2 numeric\n@attribute target numeric\n@data\n1,2,3\n1,2\n",
      "line 6: has 2 values, but there are 3 attributes"
    ),
    (
      "t.arff",
      "@attribute r relational\n@attribute t1 numeric\n@attribute t2 numeric\n@end r\n@attribute c {x,y}\n@data\n"
        + "'1,2\\n3,4',x\n'1\\n3,4',y\n",
      "line 8: has a row of 1 values in 'r', whose attributes are 2"
    ),
    (
      "t.tsf", "@attribute series_name string\n@data\na:1,2\nb:c:3,4\n",
      "line 4: has 3 fields between colons, expected 1 and the values"
    ),
  ]) func fieldsThatAreLeftOutAreTold(_ name: String, _ text: String, _ message: String) throws {
    let fixture = try Fixture()
    let path = try fixture.write(text, name)
    let failure = fixture.failure { try ArchiveDataset(files: [path]).write(to: $0, progress: $1) }
    #expect(failure.hasPrefix("\(path): \(message)"), "\(failure)")
  }

  /// Numbers of classes are those of the first file.
  @Test func filesMayNameClassesInAnotherOrder() throws {
    let fixture = try Fixture()
    let files = [
      try fixture.write("@classLabel true a b c b\n@data\n1,2:a\n1,3:c\n", "p_TRAIN.ts"),
      try fixture.write("@classLabel true c a\n@data\n1,2:a\n1,3:c\n", "p_TEST.ts"),
    ]
    let (file, _) = try fixture.make { try ArchiveDataset(files: files).write(to: $0, progress: $1) }
    #expect(try file.dataset("classes").read(as: String.self) == ["a", "b", "c"])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [0, 2])
    #expect(try file.dataset("test/targets").read(as: Int.self) == [0, 2])
  }

  @Test func rowsOfDifferentLengthsAreTold() throws {
    let fixture = try Fixture()
    let path = try fixture.write("1\t1\t2\t3\n2\t1\t2\n", "rows.tsv")
    let (file, summary) = try fixture.make { try ArchiveDataset(files: [path]).write(to: $0, progress: $1) }
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 3, 5])
    #expect(
      summary.notes.contains { $0.hasPrefix("rows have different numbers of values: 3 in the first, 2 in") })
  }

  @Test func otherFormats() throws {
    let fixture = try Fixture()
    let arff = try fixture.write(
      """
      % a comment
      @RELATION 'gun point'
      @ATTRIBUTE att0 NUMERIC
      @ATTRIBUTE att1 REAL
      @attribute target {'a', b}
      @DATA
      1.5,2,b
      3,?,'a'
      """, "GunPoint_TRAIN.arff")
    let (file, _) = try fixture.make { try ArchiveDataset(files: [arff]).write(to: $0, progress: $1) }
    #expect(try file.dataset("train/inputs").read(as: Float.self) == [1.5, 2, 3])
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 2, 3])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [1, 0])
    #expect(try file.dataset("classes").read(as: String.self) == ["a", "b"])
    let tsf = try fixture.write(
      """
      @relation tourism
      @attribute series_name string
      @attribute start_timestamp date
      @frequency monthly
      @missing false
      @equallength false
      @data
      T1:1979-01-01 00-00-00:1149.87,1053.8,1388.9
      T2:1980-01-01 00-00-00:7,8
      """, "tourism.tsf")
    let (series, _) = try fixture.make("series.h5") {
      try ArchiveDataset(files: [tsf]).write(to: $0, progress: $1)
    }
    #expect(try series.dataset("train/inputs").read(as: Float.self) == [1149.87, 1053.8, 1388.9, 7, 8])
    #expect(try series.dataset("train/offsets").read(as: Int.self) == [0, 3, 5])
    #expect(try series.dataset("train/names").read(as: String.self) == ["T1", "T2"])
    let months = ["1979-01-01", "1979-02-01", "1979-03-01", "1980-01-01", "1980-02-01"]
    #expect(try series.dataset("train/time").read(as: Double.self) == months.compactMap(Timestamp.value))
  }

  /// The distances of steps that the files of the Monash archive have; the times are those of pandas.date_range.
  @Test(arguments: [
    ("yearly", "1980-06-30 00-00-00", ["1980-06-30", "1981-06-30", "1982-06-30"], nil),
    ("quarterly", "2000-11-30 00-00-00", ["2000-11-30", "2001-02-28", "2001-05-30"], 4),
    ("monthly", "2000-01-01 00-00-00", ["2000-01-01", "2000-02-01", "2000-03-01"], 12),
    ("weekly", "2000-02-27 00-00-00", ["2000-02-27", "2000-03-05", "2000-03-12"], 52),
    ("daily", "2000-02-28 00-00-00", ["2000-02-28", "2000-02-29", "2000-03-01"], 7),
    ("hourly", "2000-02-28 23-00-00", ["2000-02-28T23:00", "2000-02-29T00:00", "2000-02-29T01:00"], 24),
    ("half_hourly", "2000-02-28 23-30-00", ["2000-02-28T23:30", "2000-02-29T00:00", "2000-02-29T00:30"], 48),
    ("10_minutes", "2000-02-28 23-50-00", ["2000-02-28T23:50", "2000-02-29T00:00", "2000-02-29T00:10"], 144),
    (
      "4_seconds", "2000-02-28 23-59-56", ["2000-02-28T23:59:56", "2000-02-29T00:00", "2000-02-29T00:00:04"],
      nil
    ),
  ])
  func frequencies(frequency: String, start: String, times: [String], season: Int?) throws {
    let fixture = try Fixture()
    let tsf = try fixture.write(
      """
      @attribute series_name string
      @attribute start_timestamp date
      @frequency \(frequency)
      @horizon 5
      @missing true
      @data
      T1:\(start):1,?,3
      """, "a.tsf")
    var dataset = ArchiveDataset(files: [tsf])
    dataset.missing = .keep
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/time").read(as: Double.self) == times.compactMap(Timestamp.value))
    #expect(try file.dataset("train/inputs").read(as: Float.self).map(\.isNaN) == [false, true, false])
    let seconds = try file.root.attributes.value(SeriesAttributes.step, as: Double.self)
    #expect(ConfigurationRecipe.seasonSteps(secondsPerStep: seconds) == season)
    #expect(
      summary.notes == [
        "steps are \(frequency), from the start_timestamp of each series; 5 are to be forecast (@horizon)",
        "kept a missing value as NaN",
      ])
  }

  /// What the file asks to be forecast, and the season of its steps, are in the configuration.
  @Test func horizonsOfArchives() throws {
    let fixture = try Fixture()
    let values = (0..<60).map { "\(100 + $0 * 7 % 12)" }.joined(separator: ",")
    let tsf = try fixture.write(
      """
      @attribute series_name string
      @frequency monthly
      @horizon 5
      @data
      T1:\(values)
      T2:\(values)
      """, "a.tsf")
    try fixture.make { try ArchiveDataset(files: [tsf]).write(to: $0, progress: $1) }
    let recipe = try ConfigurationRecipe.forecasting(
      DatasetFacts(fixture.path("out.h5"), progress: ProgressReporter()), "out.h5")
    let yaml = recipe.yaml()
    #expect(yaml.contains("  horizon: 5 ") && yaml.contains("  context: 24 "), "\(yaml)")
  }

  @Test(arguments: [
    (
      "now and then", "2000-01-01 00-00-00",
      "@frequency 'now and then' is not known, so that no times are written"
    ),
    ("daily", "soon", "line 5: its start_timestamp 'soon' is not a time such as 2011-01-31 00-00-00"),
  ])
  func unknownTimesAreTold(frequency: String, start: String, message: String) throws {
    let fixture = try Fixture()
    let tsf = try fixture.write(
      """
      @attribute series_name string
      @attribute start_timestamp date
      @frequency \(frequency)
      @data
      T1:\(start):1,2
      """, "a.tsf")
    let dataset = ArchiveDataset(files: [tsf])
    if start == "soon" {
      #expect(fixture.failure { try dataset.write(to: $0, progress: $1) } == "\(tsf): \(message)")
    } else {
      let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
      #expect(try summary.notes == [message] && !file.contains("train/time"))
    }
  }

  /// Rows of the UCR archive: the class first, NaN after the end of shorter series.
  @Test func rowsOfTheArchive() throws {
    let fixture = try Fixture()
    let train = try fixture.write(
      "1\t0.5\t1.5\t2.5\n-1\t3\tNaN\tNaN\n2.0000000e+00\t4\t5\tNaN\n", "Some_TRAIN.tsv")
    let test = try fixture.write("2\t7\t8\tNaN\n", "Some_TEST.tsv")
    let (file, summary) = try fixture.make {
      try ArchiveDataset(files: [train, test]).write(to: $0, progress: $1)
    }
    #expect(try file.dataset("classes").read(as: String.self) == ["-1", "1", "2"])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [1, 0, 2])
    #expect(try file.dataset("train/inputs").read(as: Float.self) == [0.5, 1.5, 2.5, 3, 4, 5])
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 3, 4, 6])
    #expect(try file.dataset("test/targets").read(as: Int.self) == [2])
    #expect(try file.dataset("test/inputs").read(as: Float.self) == [7, 8])
    #expect(summary.notes == ["3 classes", "read the first value of each row as the class of its series"])
    // The archive of 2015 has blanks or commas between the values.
    for (separator, name) in [("  ", "Old_TRAIN.txt"), (",", "Old_TRAIN.csv")] {
      let old = try fixture.write("1.0\(separator)2.5\(separator)3\n2.0\(separator)4\(separator)5\n", name)
      let (other, _) = try fixture.make("old.h5") {
        try ArchiveDataset(files: [old]).write(to: $0, progress: $1)
      }
      #expect(try other.dataset("train/inputs").read(as: Float.self) == [2.5, 3, 4, 5])
      #expect(try other.dataset("train/targets").read(as: Int.self) == [0, 1])
    }
    let wrong = try fixture.write("time\tx\n1\t2\n", "Wrong.tsv")
    #expect(
      fixture.failure { try ArchiveDataset(files: [wrong]).write(to: $0, progress: $1) }
        == "\(wrong): line 1: begins with 'time', not with the number of a class; name its column with"
        + " --class-column, counted from 1, where it is not the first; weft data wide reads classes with names: --class"
        + " COLUMN where the first line names columns, otherwise --no-header --class 1"
    )
    // As a table they would be read wrongly.
    #expect(
      fixture.failure { try TableDataset(file: train, inputs: ["1"]).write(to: $0, progress: $1) }.hasSuffix(
        "files of the UCR archive, with a class and a series in each row, are for weft data ts"))
  }
}

import HDF5
import TestSupport

extension DatasetErrorTests {
  /// Missing parts of any layout.
  static let flaws = [
    Flaw(.dense, "data.h5: no training group /train; set data.split.train") {
      try $0.delete("train")
    },
    Flaw(
      .dense, "data.h5: no training group /training; set data.split.train",
      configure: { $0.data.split.train = "training" }),
    Flaw(.dense, "data.h5: group /train: cannot open: it is not a group") {
      try $0.delete("train")
      try $0.write("train", [1])
    },
    Flaw(
      .dense,
      "data.h5: group /train: contains neither 'tokens' nor 'inputs'; name the inputs with data.inputs"
    ) { try $0.delete("train/inputs") },
    Flaw(
      .dense, "data.h5: group /train: no dataset 'sensors'; name another with data.inputs",
      configure: { $0.data.inputs = ["sensors"] }),
    Flaw(
      .dense, "data.h5: group /train: no dataset 'labels'; name another with data.targets",
      configure: { $0.data.targets = "labels" }),
    Flaw(
      .dense, "data.h5: group /train: no dataset 'sizes'; name another with data.lengths",
      configure: { $0.data.lengths = "sizes" }),
    Flaw(.ragged, "data.h5: group /train: no dataset 'offsets'; name another with data.offsets") {
      try $0.delete("train/offsets")
    } configure: {
      $0.data.format = .ragged
    },
    Flaw(
      .dense,
      "data.h5: dataset /train/inputs: has the shape [2, 2, 3, 2]; dense data (data.format) needs 2 or 3 dimensions;"
        + " make features of the last 2: x.reshape(2, 2, -1) in Python, or weft data hdf5 with --axes NTFF"
    ) { try $0.put("train/inputs", [Float](repeating: 0, count: 24), shape: [2, 2, 3, 2]) },
    Flaw(
      .dense,
      "data.h5: dataset /train/inputs: has the shape [4, 3, 2]; stream data (data.format) needs 1 or 2 dimensions",
      configure: { $0.data.format = .stream }),
    Flaw(.dense, "data.h5: dataset /train/inputs: has type string, expected numbers") {
      try $0.put("train/inputs", ["a", "b"])
    },
    Flaw(.dense, "data.h5: dataset /train/inputs: is empty") {
      try $0.put("train/inputs", [Float](), shape: [0, 3, 2])
    },
    Flaw(.dense, "data.h5: dataset /train/inputs: contains empty sequences") {
      try $0.put("train/inputs", [Float](), shape: [4, 0, 2])
      try $0.put("train/targets", [Int32](), shape: [4, 0])
    },
    Flaw(.dense, "data.h5: dataset /train/inputs: has no features") {
      try $0.put("train/inputs", [Float](), shape: [4, 3, 0])
    },
    Flaw(
      .dense,
      "data.h5: dataset /train/inputs: nan in row 2 is not finite; data.missing_inputs says what replaces missing values"
    ) {
      try $0.put("train/inputs", (0..<24).map { $0 == 13 ? Float.nan : 0 }, shape: [4, 3, 2])
    },
    Flaw(.ragged, "data.h5: dataset /train/inputs: -inf at 4 is not finite") {
      try $0.put("train/inputs", (0..<12).map { $0 == 9 ? -Float.infinity : 0 }, shape: [6, 2])
    },
    Flaw(.dense, "data.h5: dataset /train/lengths: length 0 of row 1 is not between 1 and 3") {
      try $0.write("train/lengths", [1, 0, 3, 2])
    },
    Flaw(.dense, "data.h5: dataset /train/lengths: length 4 of row 3 is not between 1 and 3") {
      try $0.write("train/lengths", [1, 2, 3, 4])
    },
    Flaw(.dense, "data.h5: dataset /train/lengths: has 3 lengths, but there are 4 sequences") {
      try $0.write("train/lengths", [1, 2, 3])
    },
    Flaw(.dense, "data.h5: dataset /train/lengths: cannot read as int64: it has type string") {
      try $0.write("train/lengths", ["1", "2", "3", "3"])
    },
    Flaw(
      .ragged,
      "data.h5: dataset /train/offsets: must start with 0 and end with 6, the number of steps of the inputs"
    ) { try $0.put("train/offsets", [0, 2, 3, 5]) },
    Flaw(
      .ragged,
      "data.h5: dataset /train/offsets: must start with 0 and end with 6, the number of steps of the inputs"
    ) { try $0.put("train/offsets", [1, 2, 3, 6]) },
    Flaw(
      .ragged,
      "data.h5: dataset /train/offsets: must start with 0 and end with 6, the number of steps of the inputs"
    ) { try $0.put("train/offsets", [Int]()) },
    Flaw(
      .ragged, "data.h5: dataset /train/offsets: sequence 1 has offsets 4 to 3; sequences must not be empty"
    ) {
      try $0.put("train/offsets", [0, 4, 3, 6])
    },
    Flaw(
      .ragged, "data.h5: dataset /train/offsets: sequence 1 has offsets 2 to 2; sequences must not be empty"
    ) {
      try $0.put("train/offsets", [0, 2, 2, 6])
    },
    Flaw(
      .dense, "data.h5: dataset /train/more: has 3 rows, but inputs has 4"
    ) {
      try $0.write("train/more", [Float](repeating: 0, count: 9), shape: [3, 3, 1])
    } configure: {
      $0.data.inputs = ["inputs", "more"]
    },
    Flaw(
      .dense, "data.h5: dataset /train/more: has 2 time steps, but inputs has 3"
    ) {
      try $0.write("train/more", [Float](repeating: 0, count: 8), shape: [4, 2, 1])
    } configure: {
      $0.data.inputs = ["inputs", "more"]
    },
    Flaw(
      .dense,
      "data.h5: model.embedding needs token inputs, but the inputs are numeric; name those that are categories in data.categories",
      configure: { $0.model.embedding = 4 }),
    Flaw(
      .dense,
      "data.h5: group /validation: has inputs of 3 features and targets of 3 classes, but /train has inputs of"
        + " 2 features and targets of 3 classes"
    ) {
      try $0.write("validation/inputs", [Float](repeating: 0, count: 9), shape: [1, 3, 3])
      try $0.write("validation/targets", [0, 1, 2], shape: [1, 3])
    },
    Flaw(.dense, "data.h5: dataset /validation/inputs: is empty") {
      try $0.write("validation/inputs", [Float](), shape: [0, 3, 2])
    },
  ]

  /// Flaws of tokens and vocabularies.
  static let flawsOfStreams = [
    Flaw(.stream, "data.h5: dataset /train/tokens: token 4 at 5 is not between 0 and 3") {
      try $0.put("train/tokens", (0..<12).map { $0 == 5 ? 4 : 1 })
    },
    Flaw(.stream, "data.h5: dataset /train/tokens: token -1 at 0 is not between 0 and 3") {
      try $0.put("train/tokens", [-1, 0, 1])
    },
    Flaw(.stream, "data.h5: dataset /train/tokens: needs at least two steps") {
      try $0.put("train/tokens", [1])
    },
    Flaw(.stream, "data.h5: dataset /train/tokens: is empty") { try $0.put("train/tokens", [Int]()) },
    Flaw(
      .stream,
      "data.h5: dataset /train/tokens: has type float32 and shape [2]; expected one integer per token"
    ) {
      try $0.put("train/tokens", [Float(0), 1])
    },
    Flaw(.stream, "data.h5: dataset /train/tokens: /vocabulary, the text of each token, is missing") {
      try $0.delete("vocabulary")
    },
    Flaw(
      .stream,
      "data.h5: dataset /train/tokens: has the shape []; stream data (data.format) needs 1 or 2 dimensions"
    ) { try $0.put("train/tokens", [1], shape: []) },
    Flaw(
      .stream,
      "data.h5: dataset /train/tokens: its categories cannot be forecast; name what is to be predicted with data.targets"
    ) {
      try $0.write("train/more", [Float](repeating: 0, count: 12))
    } configure: {
      $0.data.inputs = ["tokens", "more"]
    },
    Flaw(
      .stream, "data.h5: dataset /train/tokens: contains tokens, which need loss.kind cross-entropy",
      configure: { $0.loss.kind = .squaredError }),
    Flaw(
      .stream,
      "data.h5: dataset /train/tokens: contains tokens; only numeric series can be forecast (data.horizon)",
      configure: {
        ($0.data.window, $0.data.context, $0.data.horizon, $0.loss.kind) = (nil, 1, 1, .gaussian)
      }),
    Flaw(
      .stream,
      "data.h5: dataset /train/tokens: a stream has no target sequences; cut it into sequences with offsets",
      configure: { $0.model.kind = .encoderDecoder }),
    Flaw(.stream, "data.h5: dataset /vocabulary: the vocabulary contains \"b\" twice, at 1 and 3") {
      try $0.put("vocabulary", ["a", "b", "c", "b"])
    },
    Flaw(.stream, "data.h5: dataset /vocabulary: the vocabulary is empty") {
      try $0.put("vocabulary", [String]())
    },
    Flaw(.stream, "data.h5: dataset /vocabulary: cannot read as text: it has type int64") {
      try $0.put("vocabulary", [1, 2, 3, 4])
    },
    Flaw(
      .stream, "data.h5: model.tie_weights needs as many outputs as input tokens, 4, not 9"
    ) {
      try $0.write("train/targets", [Int](repeating: 8, count: 12))
      try $0.write("classes", (0..<9).map { "class \($0)" })
    } configure: {
      $0.model.embedding = 4
      $0.model.tieWeights = true
    },
    Flaw(
      .stream, "data.h5: the targets need model.output_size 4, not 5",
      configure: { $0.model.outputSize = 5 }),
  ]

  /// Flaws of targets.
  static let flawsOfTargets = [
    Flaw(.dense, "data.h5: group /train: no targets; name their dataset with data.targets") {
      try $0.delete("train/targets")
    },
    Flaw(.dense, "data.h5: dataset /train/targets: has 3 rows, but inputs has 4") {
      try $0.put("train/targets", [Int](repeating: 0, count: 9), shape: [3, 3])
    },
    Flaw(.dense, "data.h5: dataset /train/targets: has 4 time steps, but inputs has 3") {
      try $0.put("train/targets", [Int](repeating: 0, count: 16), shape: [4, 4])
    },
    Flaw(.ragged, "data.h5: dataset /train/targets: has 5 rows, but inputs has 6") {
      try $0.put("train/targets", [Int](repeating: 0, count: 5))
    },
    Flaw(
      .ragged, "data.h5: dataset /train/targets: has 6 rows, but there are 3 sequences",
      configure: { $0.model.output = .lastStep }),
    Flaw(
      .dense,
      "data.h5: dataset /train/targets: has the shape [4, 3, 1]; one target per sequence needs 1 or 2 dimensions"
    ) {
      try $0.put("train/targets", [Float](repeating: 0, count: 12), shape: [4, 3, 1])
    } configure: {
      $0.model.output = .lastStep
      $0.loss.kind = .squaredError
    },
    Flaw(.dense, "data.h5: dataset /train/targets: class 0.5 in row 0 is not a whole number") {
      try $0.put("train/targets", [Float](repeating: 0.5, count: 12), shape: [4, 3])
    },
    Flaw(
      .dense,
      "data.h5: dataset /train/targets: has type int64 and shape [4, 3, 2]; loss.kind cross-entropy needs"
        + " one integer class per step or sequence"
    ) { try $0.put("train/targets", [Int](repeating: 0, count: 24), shape: [4, 3, 2]) },
    Flaw(
      .dense,
      "data.h5: dataset /train/targets: has type string and shape [4]; loss.kind cross-entropy needs"
        + " one integer class per step or sequence; for one for each sequence set model.output to last-step or mean"
    ) { try $0.put("train/targets", ["x", "y", "z", "x"]) },
    Flaw(.dense, "data.h5: dataset /train/targets: class 'w' in row 2 is not one of /classes") {
      try $0.put("train/targets", ["x", "y", "w", "x"])
    } configure: {
      $0.model.output = .lastStep
    },
    Flaw(.dense, "data.h5: dataset /train/targets: class 3 in row 1 is not between 0 and 2") {
      try $0.put("train/targets", (0..<12).map { $0 == 4 ? 3 : 0 }, shape: [4, 3])
    },
    Flaw(.ragged, "data.h5: dataset /train/targets: class -2 at 4 is not between 0 and 2") {
      try $0.put("train/targets", [0, 1, 2, -1, -2, 0])
    },
    Flaw(
      .ragged, "data.h5: dataset /train/targets: class 9 at 2 is not between 0 and 2"
    ) {
      try $0.put("train/targets", [0, -1, 9])
    } configure: {
      $0.model.output = .lastStep
    },
    Flaw(
      .dense,
      "data.h5: dataset /train/targets: contains −1, which marks targets to ignore, and one class otherwise; number the"
        + " classes from 0"
    ) {
      try $0.delete("classes")
      try $0.put("train/targets", (0..<12).map { Int32($0 % 2) * 2 - 1 }, shape: [4, 3])
    },
    Flaw(
      .dense,
      "data.h5: dataset /train/targets: contains the class 1000000, and nothing says how many there are; set"
        + " model.output_size, or a loss for numbers (loss.kind)"
    ) {
      try $0.delete("classes")
      try $0.put("train/targets", (0..<12).map { Int32($0 % 2) * 1_000_000 }, shape: [4, 3])
    },
    Flaw(
      .dense,
      "data.h5: dataset /train/targets: contains 0.25, which is no class; set loss.kind to one for numbers, such as"
        + " squared-error"
    ) {
      try $0.delete("classes")
      try $0.put("train/targets", (0..<12).map { Float($0) - (($0 == 7) ? 6.75 : 0) }, shape: [4, 3])
    },
    Flaw(
      .dense,
      "data.h5: dataset /train/targets: has type int32 and shape [4, 3]; loss.kind cross-entropy needs one integer"
        + " class per step or sequence; for one at each step set model.output: every-step",
      configure: { $0.model.output = .mean }),
    Flaw(
      .dense,
      "data.h5: dataset /train/targets: has type int32 and shape [4]; loss.kind cross-entropy needs one integer class"
        + " per step or sequence; for one for each sequence set model.output to last-step or mean"
    ) { try $0.put("train/targets", [Int32](repeating: 1, count: 4)) },
    Flaw(.dense, "data.h5: dataset /classes: is empty") { try $0.put("classes", [String]()) },
    Flaw(
      .dense, "data.h5: the targets need model.output_size 3, not 2",
      configure: { $0.model.outputSize = 2 }),
    Flaw(
      .dense, "data.h5: dataset /train/targets: 2.0 in row 0 is not between 0.0 and 1.0",
      configure: { $0.loss.kind = .binaryCrossEntropy }),
    Flaw(
      .ragged, "data.h5: dataset /train/targets: nan at 1 is not finite"
    ) {
      try $0.put("train/targets", [0, Float.nan, 0, 0, 0, 0])
    } configure: {
      $0.loss.kind = .squaredError
    },
  ]
}

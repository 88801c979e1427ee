import ArgumentParser
import DatasetTools
import WeftBase

/// How texts with classes, or words with tags, are written.
struct LabelledTextOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Field of JSON lines, or column of a table, that is the text; several, separated by commas, are joined. Each"
        + " record becomes a sequence.", valueName: "field"))
  var textField: String?
  @Option(
    help: ArgumentHelp(
      "Field or column of the text's class; or several of labels, separated by commas, which are 1 where the text has the"
        + " label and 0 elsewhere.", valueName: "field"))
  var labelField: String?
  @Option(
    help: ArgumentHelp(
      "Field or column of a number to predict for each text, such as a rating or a measurement; several are separated by"
        + " commas.", valueName: "field"))
  var targetField: String?
  @Option(
    help: ArgumentHelp(
      "What stands between several labels in a field, such as |. Lists of JSON and several \(LabelledTextForm.usualPrefix)"
        + " need none.", valueName: "text"))
  var labelSeparator: String?
  @Option(
    help: ArgumentHelp(
      "Beginning of the word in each line that is its class, or of several that are its labels. (default: \(LabelledTextForm.usualPrefix), if the first line"
        + " begins with it)", valueName: "prefix"))
  var labelPrefix: String?
  @Option(
    help: ArgumentHelp(
      "Where the names of files tell the class of the text in each, or with --lines of each line: '{class}' for English.txt. *"
        + " stands for any characters, ? for one, {class:2} for two.",
      valueName: "pattern"))
  var classFrom: String?
  @Flag(help: "Each line is a text; without --class-from it has no class, as those to classify.")
  var lines = false
  @Option(
    help: ArgumentHelp(
      "Column of the tags, counted from 1, in files of one word a line; or a name of CoNLL-U such as XPOS. (default: the"
        + " last, in .conllu UPOS)", valueName: "column"))
  var tagColumn: String?
  @Option(
    help: ArgumentHelp(
      "Column of the words in such files. (default: the first, in .conllu FORM)", valueName: "column"))
  var wordColumn: String?
  @OptionGroup var table: TableFormOptions

  /// What the files contain.
  enum Content {
    /// Running text.
    case stream
    /// Texts, most with classes.
    case texts(LabelledTextForm)
    /// Words with tags.
    case tagged(TaggedColumns)
  }

  /// What files contain, by the options or by the files themselves.
  ///
  /// - Throws: A usage error if options contradict each other, and if a file cannot be read.
  func content(of files: [String]) throws(WeftError) -> Content {
    let ways = [
      textField.map { _ in "--text-field" }, labelPrefix.map { _ in "--label-prefix" },
      lines && classFrom == nil ? "--lines" : nil, classFrom.map { _ in "--class-from" },
      (tagColumn ?? wordColumn).map { _ in tagColumn == nil ? "--word-column" : "--tag-column" },
    ].compactMap(\.self)
    if ways.count > 1 { throw .usage("\(ways[1]) cannot be combined with \(ways[0])") }
    if labelField != nil, textField == nil {
      throw .usage("--label-field needs --text-field, the field of the text")
    }
    if targetField != nil, textField == nil {
      throw .usage("--target-field needs --text-field, the field of the text")
    }
    if targetField != nil, labelField != nil {
      throw .usage("--target-field cannot be combined with --label-field; leave one of them out")
    }
    if let labelSeparator {
      if labelField == nil { throw .usage("--label-separator needs --label-field, the field of the labels") }
      if labelSeparator.isEmpty {
        throw .usage("--label-separator: is empty; give what stands between labels")
      }
    }
    if let classFrom {
      let pattern = try NamePattern(classFrom, option: "--class-from")
      if pattern.hasGroup {
        throw .usage(
          "--class-from: '\(classFrom)': {group} is for recordings and images; write * in its place")
      }
      return .texts(.named(pattern, areLines: lines, try table.format().encoding))
    }
    let folders = files.filter(FolderListing.isFolder)
    if let folder = folders.first {
      guard folders.count == files.count else {
        throw .usage(
          "\(folder) is a folder, of which those in it are classes; files cannot be combined with it")
      }
      if let way = ways.first ?? table.option {
        throw .usage("\(way) is for files, but \(folder) is a folder")
      }
      return .texts(.folders(try table.format().encoding))
    }
    if let textField {
      return .texts(.records(texts: DataTable.list(textField), try labels(), try table.format()))
    }
    if let option = table.option {
      throw .usage("\(option) is for tables; name the column of the text with --text-field")
    }
    guard table.encoding.lowercased() == "utf-8" else {
      throw .usage("--encoding is for tables and folders of texts; convert other text with iconv")
    }
    if let labelPrefix {
      guard !labelPrefix.isEmpty, !labelPrefix.contains(where: \.isWhitespace) else {
        throw .usage("--label-prefix: '\(labelPrefix)' is not the beginning of a word")
      }
      return .texts(.prefixedLines(prefix: labelPrefix))
    }
    if lines { return .texts(.lines) }
    let first = files.first ?? ""
    if let file = files.first(where: { ["jsonl", "ndjson"].contains(PathParts.ending(of: $0).lowercased()) })
    {
      throw .usage(
        "\(file): is of JSON objects; name the field of the text with --text-field, and that of its class with"
          + " --label-field")
    }
    var isTagged = tagColumn != nil || wordColumn != nil
    if !isTagged { isTagged = try TaggedColumns.areWritten(in: first) }
    if isTagged {
      var columns = TaggedColumns()
      columns.tag = try tagColumn.map { name throws(WeftError) in
        try TaggedColumns.number(name, option: "--tag-column")
      }
      columns.word = try wordColumn.map { name throws(WeftError) in
        try TaggedColumns.number(name, option: "--word-column")
      }
      return .tagged(columns)
    }
    return try LabelledTextForm.isPrefixed(first)
      ? .texts(.prefixedLines(prefix: LabelledTextForm.usualPrefix)) : .stream
  }

  /// Where records have their labels.
  private func labels() throws(WeftError) -> RecordLabels {
    if let targetField {
      let names = DataTable.list(targetField)
      try Self.checkDiffer(names, "--target-field")
      return .numbers(names)
    }
    guard let labelField else { return .none }
    let names = DataTable.list(labelField)
    guard names.count > 1 else { return .field(labelField, separator: labelSeparator) }
    if labelSeparator != nil {
      throw .usage("--label-separator is for one field of labels, but --label-field names \(names.count)")
    }
    try Self.checkDiffer(names, "--label-field")
    return .flags(names)
  }

  private static func checkDiffer(_ names: [String], _ option: String) throws(WeftError) {
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw .usage("\(option): names '\(twice)' twice")
    }
  }
}

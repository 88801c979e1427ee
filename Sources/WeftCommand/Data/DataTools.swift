import ArgumentParser

/// Creates, describes and converts datasets, with one file per subcommand.
struct DataTools: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract:
      "Create datasets from text, tables, arrays, archives, audio and images; describe, check, split, merge and"
      + " convert them.",
    discussion: """
      Example:
        weft data text novel.txt --unit words --output novel.h5
        weft data describe novel.h5
      """,
    subcommands: [
      DataText.self, DataParallelText.self, DataTable.self, DataWideTable.self, DataNumPy.self,
      DataArchive.self,
      DataHierarchy.self,
      DataAudio.self, DataImages.self, DataDescribe.self, DataCheck.self, DataSplit.self,
      DataMerge.self,
      DataConvert.self,
    ])
}

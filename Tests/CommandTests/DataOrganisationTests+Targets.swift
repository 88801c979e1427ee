import TestSupport

extension DataOrganisationTests {
  private static let dates = """
    import datetime
    day = lambda i: (datetime.date(2026, 1, 1) + datetime.timedelta(i)).isoformat()

    """
  private static let forecast =
    DataOrganisation.regression.replacing("model:", with: "  context: 6\n  horizon: 3\nmodel:")
    .replacing("hidden: 4", with: "hidden: 4, output: last-step")

  /// Tables whose rows, windows or files have targets of other kinds.
  static let targets: [DataOrganisation] = [
    DataOrganisation(
      row: "events in turns",
      program: """
        open('events.csv', 'w').write('user,time,item\\n' + ''.join(f'u{i // 5},{i},i{i * i % 3}\\n' for i in range(20)))
        """,
      command: "data table events.csv --group user --time time --inputs item --categories item --next item"
        + " -o events.h5",
      extra: "model: {cell: gru, hidden: 4}\ntraining: {epochs: 1, batch: 4}\n",
      line: "4 sequences of 5 steps of 1 feature; targets: one of 2 classes at each step"),
    DataOrganisation(
      row: "a table of each recording",
      program: """
        for kind in 'walk', 'run':
            os.makedirs(kind)
            for i in range(2): open(f'{kind}/{i}.csv', 'w').write('x,y\\n1,2\\n3,4\\n5,6\\n')
        """, command: "data table */*.csv --class-from '{class}/*' --inputs '*' -o recordings.h5",
      line: "4 sequences of 3 steps of 2 features; targets: one of 2 classes for each sequence"),
    DataOrganisation(
      row: "a table with one target for each window",
      program: "open('table.csv', 'w').write('x,y\\n' + ''.join(f'{i * i % 7},{i}\\n' for i in range(60)))",
      command: "data table table.csv --inputs x --targets y --window 20 --target-per window -o windows.h5",
      extra: DataOrganisation.numbers,
      line: "3 sequences of 20 steps of 1 feature; targets: 1 number for each sequence"),
    DataOrganisation(
      row: "several columns, of which one is to be forecast",
      program: dates + """
        open('table.csv', 'w').write('date,x,y\\n' + ''.join(f'{day(i)},{i * i % 7},{i * 31 % 11}\\n' for i in range(600)))
        """,
      command: "data table table.csv --inputs '*' --targets y --time date --split 0.8,0.1,0.1 --horizon 24"
        + " --configuration y.yaml -o table.h5", extra: forecast,
      line: "480 steps, in windows of 6 and the 3 after them, of 2 features; targets: 1 number at each step"),
    DataOrganisation(
      row: "`train.csv`, and a `test.csv`",
      program: dates + """
        open('train.csv', 'w').write('shop,date,sales,open\\n' + ''.join(
            f'{s},{day(i)},{i * 31 % 11},{i % 2}\\n' for s in 'ab' for i in range(40)))
        open('test.csv', 'w').write('shop,date,open\\n' + ''.join(
            f'{s},{day(i)},1\\n' for s in 'ab' for i in range(40, 44)))
        """,
      command:
        "data table train.csv test.csv --group shop --time date --sort --inputs sales --covariates open"
        + " -o sales.h5", extra: "  covariates: [covariates]\n" + forecast,
      line: "2 sequences of 40 steps of 4 features; targets: 1 number at each step"),
  ]
}

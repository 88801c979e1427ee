extension DataOrganisationTests {
  private static let severalLabels = DataOrganisation.classifier + "loss: {kind: binary-cross-entropy}\n"
  private static let twoLabels =
    "10 sequences of 3 steps of one of 5 tokens; targets: 2 numbers for each sequence"

  /// Several labels, classes of recordings and pictures, and series with a class, as corpora have them.
  static let labels: [DataOrganisation] = [
    DataOrganisation(
      row: "texts with several labels",
      program: """
        open('train.txt', 'w').write(''.join(
            f'{["__label__a", "__label__a __label__b"][i % 2]} so {"good bad".split()[i % 2]} .\\n' for i in range(10)))
        """, command: "data text train.txt -o texts.h5", extra: severalLabels, line: twoLabels),
    DataOrganisation(
      row: "a table with a column of 0 and 1 for each label",
      program: """
        open('train.csv', 'w').write('id,comment_text,toxic,obscene,threat\\n' + ''.join(
            f'{i},so {"good bad".split()[i % 2]} .,{i % 2},{i // 5},0\\n' for i in range(10)))
        """,
      command: "data text train.csv --text-field comment_text --label-field toxic,obscene,threat -o texts.h5",
      extra: severalLabels, line: twoLabels.replacing("2 numbers", with: "3 numbers")),
    DataOrganisation(
      row: "several labels in a field",
      program: """
        open('train.tsv', 'w').write(''.join(
            f'so {"good bad".split()[i % 2]} .\\t{["27", "3,27"][i % 2]}\\te{i}\\n' for i in range(10)))
        """,
      command:
        "data text train.tsv --no-header --text-field 1 --label-field 2 --label-separator , -o texts.h5",
      extra: severalLabels, line: twoLabels),
    DataOrganisation(
      row: "a table with a series in each row and its class",
      program: """
        for name in 'train', 'test':
            np.savetxt(f'mitbih_{name}.csv', np.c_[x.reshape(10, 8)[:, :4] / 100, y], delimiter=',')
        """, command: "data ts mitbih_train.csv mitbih_test.csv --class-column 5 -o beats.h5",
      shown: "data ts mitbih_train.csv mitbih_test.csv --class-column",
      line: "10 sequences of 4 steps of 1 feature; targets: one of 2 classes for each sequence"),
    DataOrganisation(
      row: "a table whose first line names the steps and the class of a series",
      program: """
        open('exoTrain.csv', 'w').write('LABEL,FLUX.1,FLUX.2,FLUX.3\\n'
            + ''.join(f'{1 + i % 2},{i}.5,{i * i},{-i}\\n' for i in range(10)))
        """, command: "data wide exoTrain.csv --class LABEL -o stars.h5",
      line: "10 sequences of 3 steps of 1 feature; targets: one of 2 classes for each sequence"),
    DataOrganisation(
      row: "a folder of recordings for each class",
      program: recordings + """
        for i in range(4): speak(f'speech_commands/{"yes no".split()[i % 2]}/{i}_nohash_0.wav', i)
        """, command: "data audio speech_commands --classes -o commands.h5",
      line: "steps of 40 features; targets: one of 2 classes for each sequence"),
    DataOrganisation(
      row: "TIMIT",
      program: recordings + """
        for part in 'TRAIN', 'TEST':
            for i in range(4):
                stem = f'TIMIT/{part}/DR1/FCJF{i}/SA1'
                speak(stem + '.WAV', i)
                open(stem + '.TXT', 'w').write(f'0 8000 Yes {"a" * i}.\\n'); open(stem + '.PHN', 'w').write('0 8000 h#\\n')
        """, command: "data audio TIMIT/TRAIN --test TIMIT/TEST -o speech.h5", extra: speech,
      line: "features; targets: one of"),
    DataOrganisation(
      row: "a folder of pictures for each class",
      program: images + """
        for i in range(4): paint(f'pictures/{"cat dog".split()[i % 2]}/{i}.png', i)
        """, command: "data images pictures --classes --size 8x8 --patch 4 -o pictures.h5",
      line: "4 sequences of 4 steps of 48 features; targets: one of 2 classes for each sequence"),
    DataOrganisation(
      row: "time series of Neurodata Without Borders",
      program: """
        with h5py.File('x.nwb', 'w') as f:
            d = f.create_dataset('acquisition/eeg/data', data=np.arange(80, dtype='i2').reshape(40, 2))
            d.attrs['unit'] = 'volts'; d.attrs['conversion'] = 1e-6; d.attrs['offset'] = 0.0
        """, command: "data hdf5 x.nwb --inputs acquisition/eeg/data -o volts.h5",
      extra: DataOrganisation.regression.replacing("model:", with: "  window: 4\nmodel:"),
      line: "a stream of 40 steps of 2 features; targets: the next step"),
  ]
}

extension DataOrganisationTests {
  /// Data whose names tell what they are, and structures of MATLAB.
  static let named: [DataOrganisation] = [
    DataOrganisation(
      row: "classes in the names of recordings",
      program: recordings + """
        for i in range(8): speak(f'recordings/{i % 2}_{"jackson theo".split()[i % 3 > 0]}_{i}.wav', i)
        """,
      command: "data audio recordings --classes --class-from '{class}_{group}_*' -o digits.h5",
      line: "8 sequences of 48 steps of 40 features; targets: one of 2 classes for each sequence"),
    DataOrganisation(
      row: "classes in the names of pictures",
      program: images + """
        for i in range(8): paint(f'train/{"cat dog".split()[i % 2]}.{i}.png', i)
        """,
      command: "data images train --classes --class-from '{class}.*' --size 8x8 --patch 4 -o pictures.h5",
      line: "8 sequences of 4 steps of 48 features; targets: one of 2 classes for each sequence"),
    DataOrganisation(
      row: "a file of lines for each class",
      program: """
        os.makedirs('names')
        for name in 'Czech', 'Irish': open(f'names/{name}.txt', 'w').write(''.join(f'{name[i]}bc\\n' for i in range(5)))
        """,
      command: "data text names/*.txt --lines --class-from '{class}' --unit characters -o names.h5",
      line: "10 sequences of 3 steps of one of"),
    DataOrganisation(
      row: "SNIPS, ATIS",
      program: """
        open('train.tsv', 'w').write(''.join(f'{"PlayMusic GetWeather".split()[i % 2]}\\tso {"good bad".split()[i % 2]} .\\n'
            for i in range(10)))
        """,
      command:
        "data text train.tsv --no-header --separator tab --quote none --text-field 2 --label-field 1 -o intents.h5",
      line: "10 sequences of 3 steps of one of 5 tokens; targets: one of 2 classes for each sequence"),
    DataOrganisation(
      row: "proteins, DNA",
      program: "open('x.txt', 'w').write('MKVLA\\n' * 12)", command: "data text x.txt -o x.h5",
      extra: perStep,
      line: "targets: the next step"),
    DataOrganisation(
      row: "Karpathy's splits",
      program: images + """
        import json
        for i in range(6): paint(f'Images/{i}.png', i)
        json.dump({'dataset': 'flickr8k', 'images': [{'filename': f'{i}.png', 'imgid': i, 'sentids': [i],
            'split': 'train' if i < 4 else 'val', 'sentences': [{'raw': f'gray {i}', 'tokens': ['gray', str(i)]}]}
            for i in range(6)]}, open('dataset_flickr8k.json', 'w'))
        """, command: "data images dataset_flickr8k.json --size 8x8 --patch 4 -o flickr.h5", extra: captioner,
      line: "4 sequences of 4 steps of"),
    DataOrganisation(
      row: "structures in cells or arrays of MATLAB",
      program: """
        with h5py.File('B0005.mat', 'w') as f:
            refs = []
            for i in range(4):
                g = f.create_group(f'#refs#/{i}')
                for name, value in ('Voltage_measured', np.arange(3 + i)), ('Capacity', [2.5 - i]):
                    if name == 'Capacity' and i == 3: continue
                    d = g.create_dataset(name, data=np.array(value, 'f8').reshape(-1, 1)); d.attrs['MATLAB_class'] = np.bytes_('double')
                refs.append(g.ref)
            d = f.create_dataset('B0005/cycle/data', data=np.array(refs, h5py.ref_dtype).reshape(-1, 1), dtype=h5py.ref_dtype)
        """,
      command:
        "data hdf5 B0005.mat --inputs 'B0005/cycle/data/{}/Voltage_measured' --targets 'B0005/cycle/data/{}/Capacity' -o sequences.h5",
      extra: DataOrganisation.regression.replacing("hidden: 4", with: "hidden: 4, output: last-step"),
      line: "3 sequences of 3 to 5 steps of 1 feature; targets: 1 number for each sequence"),
    DataOrganisation(
      row: "EEGLAB",
      program: """
        with h5py.File('x.set', 'w') as f:
            d = f.create_dataset('EEG/data', data=np.arange(80, dtype='f4').reshape(40, 2))
            d.attrs['MATLAB_class'] = np.bytes_('single')
        """, command: "data hdf5 x.set --inputs EEG/data -o eeg.h5",
      extra: DataOrganisation.regression.replacing("model:", with: "  window: 4\nmodel:"),
      line: "a stream of 40 steps of 2 features; targets: the next step"),
  ]
}

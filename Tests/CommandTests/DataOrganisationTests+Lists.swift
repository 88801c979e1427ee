extension DataOrganisationTests {
  /// Padding, arrays in groups and in reverse, and lists of files.
  static let listed: [DataOrganisation] = [
    DataOrganisation(
      row: "the same, padded with zeros or another number",
      program: """
        for row in range(10): x[row, 1 + row % 4:] = 0
        x[0, 0] = 1
        with h5py.File('x.h5', 'w') as f: f['train/inputs'] = x; f['train/targets'] = y
        """, keys: [DataOrganisation.Key(yaml: "padding: 0")],
      line: "10 sequences of 1 to 4 steps (padded with 0) of 2 features"),
    DataOrganisation(
      row: "a group for each subject or session",
      program: """
        with h5py.File('x.h5', 'w') as f:
            for i in range(3): f[f's{i}/X'] = x.transpose(0, 2, 1); f[f's{i}/y'] = y
        """, command: "data hdf5 x.h5 --inputs '{}/X' --axes NFT --targets '{}/y' -o sequences.h5",
      line: "30 sequences of 4 steps of 2 features; targets: one of 2 classes for each sequence"),
    DataOrganisation(
      row: "arrays of R (rhdf5) or Octave",
      program: """
        with h5py.File('x.h5', 'w') as f:
            f['X'] = x.T; f['y'] = y
            for d in f.values(): d.attrs['rhdf5-NA.OK'] = np.int32(1)
        """, command: "data hdf5 x.h5 --inputs /X --axes FTN --targets /y -o sequences.h5",
      line: "10 sequences of 4 steps of 2 features; targets: one of 2 classes for each sequence"),
    DataOrganisation(
      row: "VoxForge",
      program: recordings + """
        for s in 'Ann-2008', 'Bob-2009':
            for i in range(3): speak(f'voxforge/{s}/wav/a{i}.wav', i)
            os.makedirs(f'voxforge/{s}/etc')
            open(f'voxforge/{s}/etc/PROMPTS', 'w').write(''.join(f'{s}/mfc/a{i} YES {"A" * i}\\n' for i in range(3)))
        """, command: "data audio voxforge -o speech.h5", extra: speech, line: "6 sequences of 48 steps of 40"
    ),
    DataOrganisation(
      row: "CMU ARCTIC, Sphinx",
      program: recordings + """
        for i in range(4): speak(f'cmu_us_bdl_arctic/wav/arctic_a{i}.wav', i)
        os.makedirs('cmu_us_bdl_arctic/etc')
        open('cmu_us_bdl_arctic/etc/txt.done.data', 'w').write(''.join(f'( arctic_a{i} "Yes {i}." )\\n' for i in range(4)))
        """, command: "data audio cmu_us_bdl_arctic/etc/txt.done.data -o speech.h5", extra: speech,
      line: "4 sequences of 48 steps of 40 features"),
    DataOrganisation(
      row: "THCHS-30",
      program: recordings + """
        for i in range(4):
            speak(f'data_thchs30/train/A{i}.wav', i); os.makedirs('data_thchs30/data', exist_ok=True)
            open(f'data_thchs30/data/A{i}.wav.trn', 'w').write(f'yes {i}\\nl v\\nl v\\n')
            open(f'data_thchs30/train/A{i}.wav.trn', 'w').write(f'../data/A{i}.wav.trn\\n')
        """, command: "data audio data_thchs30/train -o speech.h5", extra: speech,
      line: "4 sequences of 48 steps of 40 features"),
    DataOrganisation(
      row: "a list of files with their classes",
      program: images + """
        for i in range(8): paint(f'images/{i}.png', i)
        for name, first in ('train.txt', 0), ('test.txt', 4):
            open(name, 'w').write(''.join(f'images/{i}.png {i % 2}\\n' for i in range(first, first + 4)))
        """, command: "data images train.txt --classes --test test.txt --size 8x8 --patch 4 -o pictures.h5",
      line: "4 sequences of 4 steps of 48 features; targets: one of 2 classes for each sequence"),
  ]
}

import TestSupport

extension DataOrganisationTests {
  private static let autoencoder = """
    model: {kind: autoencoder, cell: gru, hidden: 4}
    loss: {kind: squared-error}
    training: {epochs: 1, batch: 4}

    """
  private static let stream = DataOrganisation.regression.replacing("model:", with: "  window: 4\nmodel:")

  /// Splits of other names, in files or groups of their own, and files of MATLAB with names of their own.
  static let split: [DataOrganisation] = [
    DataOrganisation(
      row: "groups with other names",
      program: """
        with h5py.File('x.h5', 'w') as f:
            for split in 'train', 'valid': f[split + '/inputs'] = x; f[split + '/targets'] = y
        """, keys: [DataOrganisation.Key(yaml: "split: {validation: valid}")],
      line: "10 sequences of 4 steps of 2 features; targets: one of 2 classes for each sequence"),
    DataOrganisation(
      row: "a file for each split",
      program: """
        for name in 'train', 'val', 'test':
            with h5py.File(name + '.h5', 'w') as f: f['X'] = x; f['y'] = y
        """,
      command: "data hdf5 train.h5 --inputs X --targets y --validation val.h5 --test test.h5 -o divided.h5",
      line: "10 sequences of 4 steps of 2 features; targets: one of 2 classes for each sequence"),
    DataOrganisation(
      row: "recordings in groups of patients",
      program: """
        with h5py.File('x.h5', 'w') as f:
            for patient in range(24):
                for recording in range(2): f[f'p{patient}/r{recording}/signals'] = x[patient % 10].T
        """,
      command:
        "data hdf5 x.h5 --inputs '{}/{}/signals' --axes FT --groups '{}' --split 0.8,0.2 -o divided.h5",
      extra: autoencoder, line: "sequences of 4 steps of 2 features"),
    DataOrganisation(
      row: "one element of structures",
      program: """
        with h5py.File('N09_M07_F10_K001_1.mat', 'w') as f:
            cells = [f.create_dataset(f'#refs#/a{i}', data=np.arange(40.0)[:, None]).ref for i in range(8)]
            cells = np.array(cells).reshape(8, 1)
            f.create_dataset('N09_M07_F10_K001_1/Y/Data', data=cells, dtype=h5py.ref_dtype)
        """,
      command: "data hdf5 N09_M07_F10_K001_1.mat --inputs N09_M07_F10_K001_1/Y/Data/7 -o vibration.h5",
      extra: stream, line: "a stream of 40 steps of 1 feature; targets: the next step"),
    DataOrganisation(
      row: "matrices whose names have the number",
      program: """
        for number in 97, 105:
            with h5py.File(f'{number}.mat', 'w') as f:
                for place in 'DE', 'FE':
                    d = f.create_dataset(f'X{number:03}_{place}_time', data=np.arange(40.0)[None])
                    d.attrs['MATLAB_class'] = np.bytes_('double')
        """, command: "data hdf5 97.mat 105.mat --inputs 'X{}_DE_time,X{}_FE_time' -o bearings.h5",
      extra: autoencoder, line: "2 sequences of 40 steps of 2 features"),
  ]
}

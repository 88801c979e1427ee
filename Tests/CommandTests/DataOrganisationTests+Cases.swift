import Foundation
import TestSupport

extension DataOrganisationTests {
  fileprivate typealias Key = DataOrganisation.Key
  private static let root = "with h5py.File('x.h5', 'w') as f:\n    f['X'] = x; f['y'] = y\n"
  private static let ten =
    "10 sequences of 4 steps of 2 features; targets: one of 2 classes for each sequence"
  private static let eight = "sequences of 4 steps of 2 features; targets: one of 2 classes for each sequence"

  static let arrangements: [DataOrganisation] = [
    DataOrganisation(
      row: "HDF5 with the groups",
      program: "with h5py.File('x.h5', 'w') as f:\n    f['train/inputs'] = x; f['train/targets'] = y",
      line: ten),
    DataOrganisation(
      row: "arrays at the root", program: root, keys: [Key(yaml: "inputs: [/X]"), Key(yaml: "targets: /y")],
      line: ten),
    DataOrganisation(
      row: "arrays with the split in their names",
      program: """
        with h5py.File('x.h5', 'w') as f:
            for split in ['train', 'test']: f['X_' + split] = x; f['y_' + split] = y
        """, keys: [Key(yaml: "inputs: ['/X_{split}']"), Key(yaml: "targets: '/y_{split}'")], line: ten),
    DataOrganisation(
      row: "single numbers",
      program:
        "with h5py.File('x.h5', 'w') as f:\n    f['train/inputs'] = x[:, :, 0]; f['train/targets'] = y",
      keys: [Key(yaml: "format: dense")],
      line: "10 sequences of 4 steps of 1 feature; targets: one of 2 classes"),
    DataOrganisation(
      row: "numbers of tokens",
      program: """
        tokens = 1 + np.arange(40).reshape(10, 4) % 9
        for row in range(10): tokens[row, 1 + row % 4:] = 0
        with h5py.File('x.h5', 'w') as f: f['train/inputs'] = tokens; f['train/targets'] = y
        """, keys: [Key(yaml: "vocabulary_size: 20000"), Key(yaml: "padding: 0")],
      extra: """
        model: {cell: gru, hidden: 4, embedding: 4, output: last-step}
        training: {epochs: 1, batch: 4}

        """,
      line: "10 sequences of 1 to 4 steps"),
    DataOrganisation(
      row: "sequences of different lengths in one array, padded with NaN",
      program: """
        for row in range(10): x[row, 1 + row % 4:] = np.nan
        with h5py.File('x.h5', 'w') as f: f['train/inputs'] = x; f['train/targets'] = y
        """, line: "10 sequences of 1 to 4 steps (padded with missing values) of 2 features"),
    DataOrganisation(
      row: "sequences of different lengths in one array, with the lengths in another",
      program: root + "    f['lengths'] = 1 + np.arange(10) % 4\n",
      keys: [Key(yaml: "lengths: /lengths")],
      extra: "  inputs: [/X]\n  targets: /y\n" + DataOrganisation.classifier,
      line: "10 sequences of 1 to 4 steps of 2 features"),
    DataOrganisation(
      row: "missing values",
      program: """
        x[3, 1, 0] = np.nan
        with h5py.File('x.h5', 'w') as f: f['train/inputs'] = x; f['train/targets'] = y
        """, keys: [Key(yaml: "missing_inputs: zero")], line: ten),
    DataOrganisation(
      row: "numbers far from 0",
      program: "with h5py.File('x.h5', 'w') as f:\n    f['train/inputs'] = 1e6 + x; f['train/targets'] = y",
      keys: [Key(yaml: "standardize: true")],
      line: ten),
    DataOrganisation(
      row: "series at different levels",
      program: """
        with h5py.File('x.h5', 'w') as f:
            f['train/inputs'] = x + 1e4 * y.reshape(-1, 1, 1); f['train/targets'] = y
        """, keys: [Key(yaml: "standardize: true"), Key(yaml: "scaling_by: series")],
      line: ten),
    DataOrganisation(
      row: "series with names",
      program: """
        with h5py.File('x.h5', 'w') as f:
            f['train/inputs'] = x; f['train/targets'] = y; f['ids'] = np.arange(10) + 100
        """, keys: [Key(yaml: "names: /ids")],
      extra: "  standardize: true\n  scaling_by: series\n" + DataOrganisation.classifier,
      line: ten),
    DataOrganisation(
      row: "classes as integers",
      program: """
        names = np.array(['no', 'yes'], dtype='S3')[y]
        with h5py.File('x.h5', 'w') as f: f['train/inputs'] = x; f['train/targets'] = names
        """, line: ten),
    DataOrganisation(
      row: "targets, or a mask",
      program: """
        with h5py.File('x.h5', 'w') as f: f['train/inputs'] = x
        with h5py.File('labels.h5', 'w') as f: f['y'] = y; f['mask'] = np.arange(10) < 8
        """, keys: [Key(yaml: "targets: labels.h5:/y"), Key(yaml: "mask: labels.h5:/mask")], line: ten),
    DataOrganisation(
      row: "index arrays",
      program: root + "    f['train_idx'] = [0, 1, 2, 3, 4, 5, 6, 7]; f['test_idx'] = [8, 9]\n",
      command: "data split x.h5 --inputs X --targets y --indices train=train_idx,test=test_idx -o divided.h5",
      line: "8 \(eight)"),
    DataOrganisation(
      row: "a dataset of folds",
      program: root + "    f['strat_fold'] = np.arange(10) + 1\n",
      command:
        "data split x.h5 --inputs X --targets y --by strat_fold --values train=1-8,validation=9,test=10 -o divided.h5",
      line: "8 \(eight)"),
    DataOrganisation(
      row: "a dataset or an attribute that names",
      program: root + "    f['split'] = [b'train'] * 8 + [b'val', b'test']\n",
      command: "data split x.h5 --inputs X --targets y --by split -o divided.h5", line: "8 \(eight)"),
    DataOrganisation(
      row: "patients, speakers",
      program: root + "    f['speaker'] = np.arange(10) // 2\n",
      command: "data split x.h5 --inputs X --targets y --fractions 0.8,0.2 --groups speaker -o divided.h5",
      line: eight),
    DataOrganisation(
      row: "rare classes", program: root,
      command: "data split x.h5 --inputs X --targets y --fractions 0.8,0.2 --stratify y -o divided.h5",
      line: "8 \(eight)"),
    DataOrganisation(
      row: "cross-validation", program: root,
      command: "data split x.h5 --inputs X --targets y --folds 5 --fold 1 -o fold1.h5", line: "8 \(eight)"),
    DataOrganisation(
      row: "series that are each",
      program: """
        with h5py.File('series.h5', 'w') as f:
            f['train/inputs'] = x.reshape(40, 2); f['train/offsets'] = [0, 20, 40]
            f['train/targets'] = np.arange(40) % 2
        """, command: "data split series.h5 --fractions 0.8,0.2 --by-time -o divided.h5",
      extra: DataOrganisation.classifier.replacing("last-step", with: "every-step"),
      line: "2 sequences of 16 steps of 2 features; targets: one of 2 classes at each step"),
    DataOrganisation(
      row: "a group for each sequence",
      program: """
        with h5py.File('x.h5', 'w') as f:
            for i in range(10):
                f[f'patient{i}/signal'] = x[i]; f[f'patient{i}'].attrs['label'] = ['ill', 'well'][y[i]]
        """, command: "data hdf5 x.h5 --inputs '{}/signal' --targets '{}@label' -o sequences.h5", line: ten),
    DataOrganisation(
      row: "a dataset for each sequence",
      program: """
        with h5py.File('x.h5', 'w') as f:
            for i in range(10): f[f'signals/{i}'] = x[i]; f[f'labels/{i}'] = y[i]
        """, command: "data hdf5 x.h5 --inputs 'signals/{}' --targets 'labels/{}' -o sequences.h5", line: ten),
    DataOrganisation(
      row: "a file for each sequence",
      program: """
        os.mkdir('recordings')
        for i in range(10):
            with h5py.File(f'recordings/{i}.h5', 'w') as f: f['features'] = x[i]; f['label'] = y[i]
        """, command: "data hdf5 recordings/*.h5 --inputs /features --targets /label -o sequences.h5",
      line: ten),
    DataOrganisation(
      row: "several files of the same kind",
      program: """
        os.mkdir('recordings')
        for i in range(2):
            with h5py.File(f'recordings/{i}.h5', 'w') as f:
                f['train/inputs'] = x[5 * i:5 * i + 5]; f['train/targets'] = y[5 * i:5 * i + 5]
        """, keys: [Key(yaml: "files: ['recordings/*.h5']")], line: ten),
    DataOrganisation(
      row: "time first",
      program: "with h5py.File('x.h5', 'w') as f: f['X'] = x.transpose(1, 0, 2); f['y'] = y",
      command: "data hdf5 x.h5 --inputs /X --axes TNF --targets /y -o sequences.h5", line: ten),
    DataOrganisation(
      row: "time first",
      program: "with h5py.File('x.h5', 'w') as f: f['X'] = x.transpose(0, 2, 1); f['y'] = y",
      command: "data hdf5 x.h5 --inputs /X --axes NCT --targets /y -o sequences.h5",
      shown: "data hdf5 x.h5 --inputs /X --axes TNF --targets /y -o sequences.h5`, `--axes NCT", line: ten),
    DataOrganisation(
      row: "records with fields",
      program: """
        table = np.zeros(40, [('id', 'i4'), ('temperature', 'f4'), ('wind', 'f8'), ('label', 'i1')])
        table['id'] = np.arange(40) // 4; table['wind'] = np.arange(40); table['label'] = np.arange(40) % 2
        with h5py.File('x.h5', 'w') as f: f['table'] = table
        """,
      command:
        "data hdf5 x.h5 --inputs /table --fields temperature,wind --target-field label --sequence-field id -o sequences.h5",
      shown: "data hdf5 x.h5 --inputs /table --fields temperature,wind --target-field label -o sequences.h5",
      extra: DataOrganisation.classifier.replacing("last-step", with: "every-step"),
      line: "10 sequences of 4 steps of 2 features; targets: one of 2 classes at each step"),
    DataOrganisation(
      row: "arrays of steps beside one",
      program: """
        with h5py.File('x.h5', 'w') as f:
            f['X'] = np.arange(40.0).reshape(40, 1); f['W'] = np.arange(40.0); f['unit'] = np.arange(40) // 4
            f['Y'] = np.arange(40) % 2
        """,
      command: "data hdf5 x.h5 --inputs /X,/W --sequence-field /unit --targets /Y -o sequences.h5",
      extra: DataOrganisation.classifier.replacing("last-step", with: "every-step"),
      line: "10 sequences of 4 steps of 2 features; targets: one of 2 classes at each step"),
    DataOrganisation(
      row: "more than three dimensions",
      program: """
        video = np.arange(10 * 4 * 2 * 3 * 3, dtype='u1').reshape(10, 4, 2, 3, 3)
        with h5py.File('x.h5', 'w') as f: f['X'] = video; f['y'] = y
        """, command: "data hdf5 x.h5 --inputs /X --axes NTHWC --targets /y -o sequences.h5",
      line: "10 sequences of 4 steps of 18 features; targets: one of 2 classes for each sequence"),
    DataOrganisation(
      row: "arrays of steps beside marks",
      program: """
        with h5py.File('x.h5', 'w') as f:
            f['observations'] = np.arange(80.0).reshape(40, 2); f['actions'] = np.arange(40.0)[:, None]
            f['terminals'] = np.arange(40) % 8 == 7; f['timeouts'] = np.arange(40) % 8 == 3
        """,
      command:
        "data hdf5 x.h5 --inputs /observations --ends /terminals,/timeouts --targets /actions -o sequences.h5",
      extra: DataOrganisation.regression,
      line: "10 sequences of 4 steps of 2 features; targets: 1 number at each step"),
    DataOrganisation(
      row: "demonstrations",
      program: """
        with h5py.File('x.h5', 'w') as f:
            for i in range(12):
                g = f.create_group(f'data/demo_{i}')
                g['obs/position'] = np.ones((4, 2)) * i; g['obs/image'] = np.zeros((4, 8, 8, 3), 'u1')
                g['actions'] = np.ones((4, 3))
            f['mask/train'] = [f'demo_{i}' for i in range(10)]; f['mask/valid'] = ['demo_10', 'demo_11']
        """,
      command:
        "data hdf5 x.h5 --inputs 'data/{}/obs/*' --targets 'data/{}/actions' --split-lists train=mask/train,validation=mask/valid -o sequences.h5",
      extra: DataOrganisation.regression,
      line: "10 sequences of 4 steps of 2 features; targets: 3 numbers at each step"),
    DataOrganisation(
      row: "cell arrays of MATLAB",
      program: """
        with h5py.File('x.h5', 'w') as f:
            def cell(name, values):
                refs = []
                for i, value in enumerate(values):
                    d = f.create_dataset(f'#refs#/{name}{i}', data=value)
                    d.attrs['MATLAB_class'] = np.bytes_('char' if value.dtype == 'u2' else 'double')
                    refs.append(d.ref)
                f.create_dataset(name, data=np.array(refs, dtype=h5py.ref_dtype).reshape(1, -1))
                f[name].attrs['MATLAB_class'] = np.bytes_('cell')
            cell('X', [x[i, :1 + i % 4].astype('f8') for i in range(10)])
            cell('Y', [np.array([[ord(c)] for c in ['no', 'yes'][i % 2]], 'u2') for i in range(10)])
        """, command: "data hdf5 x.h5 --inputs /X --targets /Y -o sequences.h5",
      line: "10 sequences of 1 to 4 steps of 2 features; targets: one of 2 classes for each sequence"),
    DataOrganisation(
      row: "files of MATLAB before 7.3",
      program: """
        import struct
        with open('x.mat', 'wb') as f:
            f.write(struct.pack('<5i', 0, 2, 100, 0, 2) + b'X\\0')
            f.write(np.arange(200.0).tobytes())
        """, command: "data hdf5 x.mat --inputs X --split 0.8,0.1,0.1 -o sequences.h5",
      line: "80 steps of 2 features"),
    DataOrganisation(
      row: "rows of variable length",
      program: """
        with h5py.File('x.h5', 'w') as f:
            rows = f.create_dataset('rows', (10,), h5py.vlen_dtype('f4')); f['y'] = y
            for i in range(10): rows[i] = x[i, :1 + i % 4].ravel()
        """, command: "data hdf5 x.h5 --inputs /rows --width 2 --targets /y -o sequences.h5",
      line: "10 sequences of 1 to 4 steps of 2 features; targets: one of 2 classes for each sequence"),
    DataOrganisation(
      row: "soft links",
      program: """
        with h5py.File('store.h5', 'w') as f: f['a'] = x[:5]; f['b'] = x[5:]
        layout = h5py.VirtualLayout((10, 4, 2), 'f4')
        layout[:5] = h5py.VirtualSource('store.h5', 'a', (5, 4, 2))
        layout[5:] = h5py.VirtualSource('store.h5', 'b', (5, 4, 2))
        with h5py.File('x.h5', 'w') as f:
            f.create_virtual_dataset('all', layout)
            f['labels'] = y; f.create_group('train')
            f['train/inputs'] = h5py.SoftLink('/all'); f['train/targets'] = h5py.SoftLink('/labels')
        """, line: ten),
    DataOrganisation(
      row: "netCDF-4",
      program: """
        with h5py.File('x.h5', 'w') as f:
            f['X'] = x.astype('i2'); f['X'].attrs['scale_factor'] = 0.5; f['y'] = y
        """, keys: [], extra: "  inputs: [/X]\n  targets: /y\n" + DataOrganisation.classifier,
      line: "\(ten); /X: times 0.5"),
    DataOrganisation(
      row: "a table with a row per step",
      program: "open('table.csv', 'w').write('x,y\\n' + ''.join(f'{i},{i + 1}.5\\n' for i in range(40)))",
      command: "data table table.csv --inputs x --targets y -o table.h5", extra: DataOrganisation.regression,
      line: "a stream of 40 steps of 1 feature; targets: 1 number at each step"),
    DataOrganisation(
      row: "windows of one series, each a step after the one before it",
      program: """
        series = np.sin(np.arange(212.0)).astype("f4")
        with h5py.File("windows.h5", "w") as f:
            f["X"] = np.stack([series[i:i + 12] for i in range(200)])[:, :, None]; f["y"] = series[12:212]
        """,
      command: "data split windows.h5 --inputs X --targets y --fractions 0.8,0.1,0.1 --by-time -o divided.h5",
      extra: DataOrganisation.numbers,
      line: "160 sequences of 12 steps of 1 feature"),
    DataOrganisation(
      row: "a table of several series, each divided by time",
      program: """
        open('shops.csv', 'w').write('date,shop,x\\n' + ''.join(
            f'2026-{1 + i // 28:02}-{1 + i % 28:02},{shop},{i}\\n' for i in range(40) for shop in 'abc'))
        """,
      command:
        "data table shops.csv --inputs x --group shop --time date --split 0.7,0.1,0.2 --split-by time -o table.h5",
      extra: "  targets: inputs\n  context: 8\n  horizon: 4\n" + DataOrganisation.regression,
      line: "3 sequences of 28 steps of 1 feature"),
    DataOrganisation(
      row: "a table whose rows are marked as anomalies",
      program: """
        open('table.csv', 'w').write('date,x\\n' + ''.join(f'2026-01-{1 + i:02},{i % 7}\\n' for i in range(30)))
        open('windows.json', 'w').write('{"folder/table.csv": [["2026-01-20", "2026-01-22"]]}')
        """, command: "data table table.csv --inputs x --time date --anomalies windows.json -o table.h5",
      extra: DataOrganisation.regression, line: "a stream of 30 steps of 1 feature"),
    DataOrganisation(
      row: "a table with a row per series",
      program: """
        open('series.csv', 'w').write('id,' + ','.join(f'V{i}' for i in range(24)) + '\\n'
            + ''.join(f's{n},' + ','.join(str(n * 10 + i) for i in range(24)) + '\\n' for n in range(10)))
        """, keys: [.init(yaml: "targets: inputs"), .init(yaml: "context: 8"), .init(yaml: "horizon: 4")],
      command: "data wide series.csv --names id -o wide.h5", extra: DataOrganisation.regression,
      line: "10 sequences of 24 steps of 1 feature"),
    DataOrganisation(
      row: "a table whose last rows have covariates alone",
      program: """
        open('table.csv', 'w').write('x,y\\n' + ''.join(f'{i},{i % 7}\\n' for i in range(40))
            + ''.join(f',{i % 7}\\n' for i in range(4)))
        """, command: "data table table.csv --inputs x --covariates y -o table.h5",
      extra: DataOrganisation.regression, line: "a stream of 40 steps of 1 feature"),
    DataOrganisation(
      row: "running text", program: "open('text.txt', 'w').write('to be or not to be ' * 9)",
      command: "data text text.txt -o text.h5",
      extra: DataOrganisation.classifier.replacing(", output: last-step", with: ""),
      line: "targets: the next step"),
    DataOrganisation(
      row: "translations",
      program: """
        open('one.txt', 'w').write(''.join(f'a b {i}\\n' for i in range(40)))
        open('two.txt', 'w').write(''.join(f'{i} c d\\n' for i in range(40)))
        """, command: "data parallel one.txt two.txt -o pairs.h5",
      extra: DataOrganisation.classifier.replacing("output: last-step", with: "kind: encoder-decoder"),
      line: "tokens in sequences of their own"),
    DataOrganisation(
      row: "NumPy arrays", program: "np.savez('arrays.npz', x=x, y=y)",
      command: "data numpy arrays.npz --name x=inputs --name y=targets -o arrays.h5", line: ten),
    DataOrganisation(
      row: "archives of time series",
      program: """
        open('series.ts', 'w').write('@problemName p\\n@timeStamps false\\n@univariate true\\n@equalLength true\\n'
            '@seriesLength 4\\n@classLabel true a b\\n@data\\n'
            + ''.join(f'1,2,3,{i}:{"ab"[i % 2]}\\n' for i in range(10)))
        """, command: "data ts series.ts -o series.h5",
      line: "10 sequences of 4 steps of 1 feature; targets: one of 2 classes for each sequence"),
    DataOrganisation(
      row: "recordings with transcripts",
      program: """
        import wave
        for i in range(4):
            with wave.open(f'{i}.wav', 'wb') as f:
                f.setnchannels(1); f.setsampwidth(2); f.setframerate(16000)
                f.writeframes((np.sin(np.arange(8000) / (3 + i)) * 9000).astype('<i2').tobytes())
        open('clips.tsv', 'w').write(''.join(f'{i}.wav\\tyes {i}\\n' for i in range(4)))
        """, command: "data audio clips.tsv -o clips.h5",
      extra: DataOrganisation.classifier.replacing(", output: last-step", with: "") + "loss: {kind: ctc}\n",
      line: "features; targets: one of"),
    DataOrganisation(
      row: "pictures with captions",
      program: """
        import struct, zlib
        def chunk(kind, data):
            return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
        for i in range(4):
            pixels = b''.join(b'\\0' + bytes([20 * i] * 24) for _ in range(8))
            open(f'{i}.png', 'wb').write(b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 8, 8, 8, 2, 0, 0, 0))
                + chunk(b'IDAT', zlib.compress(pixels)) + chunk(b'IEND', b''))
        open('pictures.tsv', 'w').write(''.join(f'{i}.png\\tpicture {i}\\n' for i in range(4)))
        """, command: "data images pictures.tsv --size 8x8 --patch 4 -o pictures.h5",
      extra: DataOrganisation.classifier.replacing("output: last-step", with: "kind: encoder-decoder"),
      line: "4 sequences of 4 steps of"),
  ]
}

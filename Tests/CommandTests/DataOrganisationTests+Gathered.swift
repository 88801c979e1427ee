import Foundation
import Testing

extension DataOrganisationTests {
  private static let series = "  targets: inputs\n  context: 2\n  horizon: 1\n" + DataOrganisation.regression
  private static let stream = DataOrganisation.regression.replacing("model:", with: "  window: 4\nmodel:")

  /// Data in several files or tables, in rows of a value each, in no order, and of other programs.
  static let gathered: [DataOrganisation] = [
    DataOrganisation(
      row: "a file for each patient, machine or station",
      program: """
        os.makedirs('patients')
        for i in range(4):
            open(f'patients/p{i}.psv', 'w').write('HR|Temp\\n' + ''.join(f'{70 + t}|37\\n' for t in range(5 + i)))
        """, command: "data table patients/*.psv --inputs HR,Temp --group file -o patients.h5",
      extra: series, line: "4 sequences of 5 to 8 steps of 2 features"),
    DataOrganisation(
      row: "a long table, with a row for each value",
      program: """
        open('openaq.csv', 'w').write('location,parameter,value,date\\n' + ''.join(
            f'{s},{p},{t},2026-01-01T{t:02}:00:00Z\\n' for s in 'ab' for p in ('no2', 'pm10') for t in range(9)))
        """,
      command:
        "data table openaq.csv --names-from parameter --values-from value --time date --group location --inputs '*'"
        + " --missing keep -o openaq.h5",
      extra: series, line: "2 sequences of 9 steps of 2 features"),
    DataOrganisation(
      row: "columns in other tables",
      program: """
        open('train.csv', 'w').write('Store,file,x\\n' + ''.join(f'{i % 3},{i % 2},{i}\\n' for i in range(20)))
        open('store.csv', 'w').write('Store,size\\n0,5\\n1,6\\n2,7\\n')
        open('outcomes.csv', 'w').write('RecordID,risk\\n0,0.5\\n1,0.25\\n')
        """,
      command:
        "data table train.csv --join store.csv --join outcomes.csv:file=RecordID --inputs x,size,risk -o table.h5",
      extra: stream, line: "a stream of 20 steps of 3 features"),
    DataOrganisation(
      row: "a table whose rows are in no order",
      program: """
        open('table.csv', 'w').write('date,x\\n' + ''.join(f'2026-01-{1 + i * 7 % 20:02},{i}\\n' for i in range(20)))
        """, command: "data table table.csv --inputs x --time date --sort -o table.h5", extra: stream,
      line: "a stream of 20 steps of 1 feature"),
    DataOrganisation(
      row: "rows at any time",
      program: """
        open('ticks.csv', 'w').write('ts,x\\n' + ''.join(f'{1767225600 + 1000 * i + i * i},{i}\\n' for i in range(60)))
        """, command: "data table ticks.csv --inputs x --time ts --every 1h --resample mean -o ticks.h5",
      extra: stream, line: "a stream of 18 steps of 1 feature"),
    DataOrganisation(
      row: "DataFrames of pandas in HDF5",
      program: """
        with h5py.File('metr-la.h5', 'w') as f:
            g = f.create_group('df')
            g.attrs['pandas_type'] = np.bytes_(b'frame'); g.attrs['nblocks'] = 1
            g['axis0'] = np.array([b'773869', b'767541'])
            g['axis1'] = (1330560000 + 300 * np.arange(40)) * 10**9
            g['axis1'].attrs['kind'] = np.bytes_(b'datetime64')
            g['block0_items'] = g['axis0'][()]
            g['block0_values'] = np.arange(80.0).reshape(40, 2)
        """, command: "data hdf5 metr-la.h5 --inputs /df --split 0.7,0.1,0.2 -o traffic.h5", extra: stream,
      line: "a stream of 28 steps of 2 features"),
    DataOrganisation(
      row: "traffic [time, nodes, features]",
      program: "np.savez('PEMS04.npz', data=np.arange(240.0).reshape(40, 3, 2))",
      command: "data numpy PEMS04.npz --name data=inputs --axes TFF -o traffic.h5", extra: stream,
      line: "a stream of 40 steps of 6 features"),
    DataOrganisation(
      row: "an archive for each subject",
      program: """
        for n, name in enumerate(['SC4001E0', 'SC4011E0']):
            np.savez(f'{name}.npz', x=x[:6 - n], y=y[:6 - n].astype('i4'), fs=100.0, ch_label='EEG Fpz-Cz')
        """, command: "data numpy SC4001E0.npz SC4011E0.npz -o sleep.h5",
      line: "11 sequences of 4 steps of 2 features; targets: one of 2 classes for each sequence"),
    DataOrganisation(
      row: "arrays of the same names in the folders of splits",
      program: """
        for split in 'train', 'test':
            os.mkdir(split); np.save(f'{split}/P-1.npy', np.arange(120.0).reshape(40, 3))
        """, command: "data numpy train/P-1.npy test/P-1.npy -o channel.h5", extra: stream,
      line: "a stream of 40 steps of 3 features"),
    DataOrganisation(
      row: "records of WFDB",
      program: """
        for name in '100', '101': np.savez(f'{name}.npz', x=np.arange(40.0).reshape(20, 2))
        """, command: "data numpy 100.npz 101.npz -o records.h5",
      extra: series, line: "2 sequences of 20 steps of 2 features"),
    DataOrganisation(
      row: "texts with a number to predict",
      program: """
        open('delaney-processed.csv', 'w').write('Compound ID,solubility,smiles\\n'
            + ''.join(f'm{i},-{i}.5,{"CO" * (i + 1)}\\n' for i in range(10)))
        """,
      command:
        "data text delaney-processed.csv --text-field smiles --target-field solubility --unit characters -o molecules.h5",
      extra: DataOrganisation.numbers,
      line: "targets: 1 number for each sequence"),
    DataOrganisation(
      row: "a table with a window of a series in each row",
      program: """
        open('windows.csv', 'w').write('x1,x2,x3,y\\n' + ''.join(f'{i},{i + 1},{i + 2},{i + 3.5}\\n' for i in range(10)))
        """, command: "data wide windows.csv --target y -o windows.h5", extra: DataOrganisation.numbers,
      line: "10 sequences of 3 steps of 1 feature; targets: 1 number for each sequence"),
    DataOrganisation(
      row: "a file of windows for each channel",
      program: """
        for name in 'body_acc_x', 'body_acc_y': np.savetxt(f'{name}_train.txt', np.arange(80.0).reshape(10, 8))
        np.savetxt('y_train.txt', np.arange(10) % 2, fmt='%d')
        files = ['body_acc_x_train.txt', 'body_acc_y_train.txt']
        np.savez('har.npz', X_train=np.stack([np.loadtxt(f) for f in files], -1), y_train=np.loadtxt('y_train.txt', int))
        """, command: "data numpy har.npz -o har.h5",
      line: "10 sequences of 8 steps of 2 features; targets: one of 2 classes for each sequence"),
    DataOrganisation(
      row: "tables of Weka",
      program: """
        open('eeg.arff', 'w').write('@relation EEG\\n@attribute AF3 numeric\\n@attribute F7 numeric\\n@data\\n'
            + ''.join(f'{i},{i % 5}\\n' for i in range(30)))
        """, command: "data table eeg.arff --inputs '*' -o eeg.h5", extra: stream,
      line: "a stream of 30 steps of 2 features"),
  ]
}

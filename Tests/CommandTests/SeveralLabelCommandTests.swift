import Foundation
import TestSupport
import Testing

/// Texts with several labels, from the table to the probabilities of each label by its name, checked with NumPy.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct SeveralLabelCommandTests {
  @Test func fromTheTableToPredictions() throws {
    try TemporaryFolder.use { folder in
      let made = try Python.run(
        """
        import csv, random
        random.seed(3)
        def write(name, count):
            with open(name, 'w', newline='') as f:
                out = csv.writer(f); out.writerow(['id', 'comment_text', 'toxic', 'obscene', 'threat'])
                for i in range(count):
                    own = [random.random() < share for share in (0.5, 0.4, 0.2)]
                    words = ['a', 'word', 'here'] + [w for w, is_on in zip(('nasty', 'rude', 'kill'), own) if is_on]
                    random.shuffle(words); out.writerow([i, ' '.join(words), *map(int, own)])
        write('train.csv', 160); write('test.csv', 40)
        """, in: folder)
      #expect(made.status == 0, "\(made.output)")
      func weft(_ command: String) throws -> String {
        let result = try Command.shell("\"$WEFT\" \(command)", in: folder)
        #expect(result.status == 0, "\(command): \(result.errors)")
        return result.output
      }
      let fields = "--text-field comment_text --label-field"
      _ = try weft("data text train.csv \(fields) toxic,obscene,threat -o texts.h5")
      let yaml = """
        data: {file: texts.h5}
        model: {cell: gru, hidden: 8, embedding: 8, output: mean}
        loss: {kind: binary-cross-entropy}
        training: {epochs: 6, batch: 8}
        optimizer: {learning_rate: 0.02}

        """
      try Data(yaml.utf8).write(to: folder.appending(path: "train.yaml"))
      _ = try weft("train train.yaml --output run")
      // Named in another order than the model has them.
      _ = try weft("data text test.csv \(fields) threat,toxic,obscene --vocabulary run -o test.h5")
      _ = try weft("predict run test.h5 --split train --output p.csv")
      let evaluated = try weft("evaluate run --split train --data test.h5 --json")
      try Data(evaluated.utf8).write(to: folder.appending(path: "evaluation.json"))
      let checked = try Python.run(
        """
        import csv, json, numpy as np
        rows = list(csv.DictReader(open('p.csv'))); table = list(csv.DictReader(open('test.csv')))
        result = json.load(open('evaluation.json'))
        assert len(rows) == len(table) == 40
        for label in result['labels']:
            name = label['name']
            p = np.array([float(r['probability_' + name]) for r in rows]) > 0.5
            t = np.array([int(r[name]) for r in table]) == 1
            assert [int(r['target_' + name]) for r in rows] == t.astype(int).tolist()
            precision = (p & t).sum() / max(p.sum(), 1); recall = (p & t).sum() / t.sum()
            assert abs(label['precision'] - precision) < 1e-6 and abs(label['recall'] - recall) < 1e-6
            assert label['positive'] == t.sum()
        assert [l['name'] for l in result['labels']] == ['toxic', 'obscene', 'threat']
        assert result['accuracy'] > 0.9, result
        """, in: folder)
      #expect(checked.status == 0, "\(checked.output)")
      #expect(try weft("evaluate run --split train --data test.h5").contains("label  precision"))
      // Labels of another order, made without the model, are refused.
      _ = try weft("data text test.csv \(fields) threat,toxic,obscene -o other.h5")
      let other = try Command.shell("\"$WEFT\" evaluate run --split train --data other.h5", in: folder)
      #expect(
        other.status != 0 && other.errors.contains("prepare the data as those of training"), "\(other.errors)"
      )
    }
  }
}

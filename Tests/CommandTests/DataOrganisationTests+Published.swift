import Foundation

extension DataOrganisationTests {
  private static let translator = DataOrganisation.classifier.replacing(
    "output: last-step", with: "kind: encoder-decoder")
  private static let pairs = "10 sequences of 6 steps of one of"

  /// `segments`, pieces of two recordings: the recording, the beginning, the end and the text.
  private static let pieces =
    recordings + """
      for i in range(2): speak(f'wav/r{i}.wav', i)
      segments = [(f'r{i}', 0.1 * j, 0.1 * j + 0.1, 'abcd'[j]) for i in range(2) for j in range(4)]

      """

  /// Translations, pieces of recordings, sparse matrices and pictures of digits.
  static let published: [DataOrganisation] = [
    DataOrganisation(
      row: "test sets of WMT",
      program: """
        for name, language in ('src', 'de'), ('ref', 'en'):
            open(f'newstest-{name}.{language}.sgm', 'w').write(f'<{name}set setid="x">\\n' + ''.join(
                f'<doc docid="{i}"><seg id="1">{language}  & {i}</seg></doc>\\n' for i in range(10)) + f'</{name}set>\\n')
        """, command: "data parallel newstest-src.de.sgm newstest-ref.en.sgm -o pairs.h5", extra: translator,
      line: "10 sequences of 7 steps of one of"),
    DataOrganisation(
      row: "translation memories",
      program: """
        import gzip
        gzip.open('de-en.tmx.gz', 'wt').write('<tmx version="1.4"><header/><body>' + ''.join(
            f'<tu><tuv xml:lang="en"><seg>one {i}</seg></tuv><tuv xml:lang="de"><seg>das {i}</seg></tuv></tu>'
            for i in range(10)) + '</body></tmx>')
        """, command: "data parallel de-en.tmx.gz --languages de,en -o pairs.h5", extra: translator,
      line: pairs),
    DataOrganisation(
      row: "a folder of OPUS",
      program: """
        os.makedirs('Europarl')
        for language in 'de', 'en':
            open(f'Europarl/Europarl.de-en.{language}', 'w').write(''.join(f'{language}  {i}\\n' for i in range(10)))
        """, command: "data parallel Europarl -o pairs.h5", extra: translator, line: pairs),
    DataOrganisation(
      row: "JSON lines with `{\"translation\"",
      program: """
        import json
        open('train.jsonl', 'w').write(''.join(
            json.dumps({'translation': {'en': f'one {i}', 'de': f'das {i}'}}) + '\\n' for i in range(10)))
        """, command: "data parallel train.jsonl --languages de,en -o pairs.h5", extra: translator,
      line: pairs),
    DataOrganisation(
      row: "MNIST",
      program: """
        import struct
        for name in 'train', 't10k':
            open(f'{name}-images-idx3-ubyte', 'wb').write(struct.pack('>IIII', 2051, 10, 4, 4) + bytes(range(160)))
            open(f'{name}-labels-idx1-ubyte', 'wb').write(struct.pack('>II', 2049, 10) + bytes(i % 3 for i in range(10)))
        """,
      command: "data numpy train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte"
        + " t10k-labels-idx1-ubyte -o mnist.h5",
      line: "10 sequences of 4 steps of 4 features; targets: one of 3 classes for each sequence"),
    DataOrganisation(
      row: "sparse matrices",
      program: """
        with h5py.File('cells.h5ad', 'w') as f:
            f['X/data'] = np.ones(30); f['X/indices'] = np.arange(30) % 3; f['X/indptr'] = 3 * np.arange(11)
            f['X'].attrs['encoding-type'] = 'csr_matrix'; f['X'].attrs['shape'] = [10, 3]
            f['obs/cell_type/categories'] = np.array(['T', 'B'], object); f['obs/cell_type/codes'] = np.arange(10) % 2
        """, command: "data hdf5 cells.h5ad --inputs X --targets obs/cell_type -o cells.h5",
      shown:
        "data numpy matrix.npz -o matrix.h5`, `weft data hdf5 cells.h5ad --inputs X --targets obs/cell_type",
      extra: perStep, line: "a stream of 10 steps of 3 features; targets: one of 2 classes"),
    DataOrganisation(
      row: "AISHELL",
      program: recordings + """
        for i in range(4): speak(f'wav/train/S{i % 2}/B{i}.wav', i)
        os.makedirs('transcript')
        open('transcript/aishell_transcript_v0.8.txt', 'w').write(''.join(f'B{i} yes {i}\\n' for i in range(4)))
        """, command: "data audio transcript/aishell_transcript_v0.8.txt --folder wav/train -o speech.h5",
      extra: speech, line: "features; targets: one of"),
    DataOrganisation(
      row: "VCTK",
      program: recordings + """
        os.makedirs('VCTK-Corpus/txt/p1')
        for i in range(4):
            speak(f'VCTK-Corpus/wav48/p1/p1_{i}.wav', i); open(f'VCTK-Corpus/txt/p1/p1_{i}.txt', 'w').write(f'yes {i}')
        """, command: "data audio VCTK-Corpus -o speech.h5", extra: speech, line: "features; targets: one of"),
    DataOrganisation(
      row: "Kaldi",
      program: pieces + """
        os.makedirs('data/train')
        open('data/train/wav.scp', 'w').write('r0 wav/r0.wav\\nr1 cat wav/r1.wav |\\n')
        open('data/train/segments', 'w').write(''.join(f'u{i} {r} {a} {b}\\n' for i, (r, a, b, t) in enumerate(segments)))
        open('data/train/text', 'w').write(''.join(f'u{i} {t}\\n' for i, (r, a, b, t) in enumerate(segments)))
        """, command: "data audio data/train -o speech.h5", extra: speech, line: "8 sequences of 8 steps"),
    DataOrganisation(
      row: "TED-LIUM",
      program: recordings + """
        for part in 'train', 'test':
            for i in range(4):
                folder = f'TEDLIUM_release3/legacy/{part}'
                speak(f'{folder}/sph/T{i}.wav', i); os.makedirs(f'{folder}/stm', exist_ok=True)
                open(f'{folder}/stm/T{i}.stm', 'w').write(f'T{i} 1 s{i} 0.1 0.3 <o,f0,male> yes {i}\\n')
        """,
      command: "data audio TEDLIUM_release3/legacy/train --test TEDLIUM_release3/legacy/test -o speech.h5",
      extra: speech, line: "4 sequences of 18 steps"),
    DataOrganisation(
      row: "manifests of NeMo",
      program: pieces + """
        import json
        open('manifest.json', 'w').write(''.join(json.dumps({'audio_filepath': f'wav/{r}.wav', 'offset': a,
            'duration': b - a, 'text': t}) + '\\n' for r, a, b, t in segments))
        """, command: "data audio manifest.json -o speech.h5", extra: speech, line: "8 sequences of 8 steps"),
    DataOrganisation(
      row: "a table with the beginning and the end",
      program: pieces + """
        open('segments.csv', 'w').write('path,begin_time,end_time,text\\n' + ''.join(
            f'{r}.wav,{a},{b},{t}\\n' for r, a, b, t in segments))
        """, command: "data audio segments.csv --start begin_time --end end_time -o speech.h5", extra: speech,
      line: "8 sequences of 8 steps"),
  ]
}

import Foundation

extension DataOrganisationTests {
  static let perStep = DataOrganisation.classifier.replacing(", output: last-step", with: "")
  static let speech = perStep + "loss: {kind: ctc}\n"
  static let captioner = DataOrganisation.classifier.replacing(
    "output: last-step", with: "kind: encoder-decoder")
  private static let tenTexts =
    "10 sequences of 3 steps of one of 5 tokens; targets: one of 2 classes for each sequence"

  /// Writes `speak(path, i)`, a recording of half a second.
  static let recordings = """
    import wave
    def speak(path, i):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with wave.open(path, 'wb') as f:
            f.setnchannels(1); f.setsampwidth(2); f.setframerate(16000)
            f.writeframes((np.sin(np.arange(8000) / (3 + i)) * 9000).astype('<i2').tobytes())

    """
  /// Writes `paint(path, i)`, an image of one gray.
  static let images = """
    import struct, zlib
    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    def paint(path, i):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        pixels = b''.join(b'\\0' + bytes([20 * i] * 24) for _ in range(8))
        open(path, 'wb').write(b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', 8, 8, 8, 2, 0, 0, 0))
            + chunk(b'IDAT', zlib.compress(pixels)) + chunk(b'IEND', b''))

    """

  static let cases =
    arrangements + corpora + labels + gathered + published + named + listed + split + targets

  /// Corpora in the layouts in which they are published.
  static let corpora: [DataOrganisation] = [
    DataOrganisation(
      row: "texts with a label in each line",
      program:
        "open('train.txt', 'w').write(''.join(f'__label__{\"ab\"[i % 2]} so {\"good bad\".split()[i % 2]} .\\n' for i in range(10)))",
      command: "data text train.txt -o texts.h5", line: tenTexts),
    DataOrganisation(
      row: "a folder of text files for each class",
      program: """
        for i in range(10):
            os.makedirs(f'reviews/{"ab"[i % 2]}', exist_ok=True)
            open(f'reviews/{"ab"[i % 2]}/{i}.txt', 'w').write(f'so {"good bad".split()[i % 2]} .')
        """, command: "data text reviews -o reviews.h5", line: tenTexts),
    DataOrganisation(
      row: "JSON lines with a text",
      program: """
        import json
        open('train.jsonl', 'w').write(''.join(
            json.dumps({'text': f'so {"good bad".split()[i % 2]} .', 'label': i % 2}) + '\\n' for i in range(10)))
        """, command: "data text train.jsonl --text-field text --label-field label -o texts.h5",
      line: tenTexts),
    DataOrganisation(
      row: "a table with a text",
      program: """
        open('train.csv', 'w').write('text,label\\n' + ''.join(
            f'"so\\n{"good bad".split()[i % 2]}",{i % 2}\\n' for i in range(10)))
        """, command: "data text train.csv --text-field text --label-field label -o texts.h5", line: tenTexts),
    DataOrganisation(
      row: "words with tags in columns",
      program: """
        open('train.conll', 'w').write('-DOCSTART- -X- -X- O\\n\\n' + 'EU NNP B-NP B-ORG\\nno DT B-NP O\\n. . O O\\n\\n' * 10)
        """, command: "data text train.conll --tag-column 4 -o tags.h5", extra: perStep,
      line: "10 sequences of 3 steps of one of 4 tokens; targets: one of 2 classes at each step"),
    DataOrganisation(
      row: "LibriSpeech",
      program: recordings + """
        for i in range(4): speak(f'dev-clean/84/7/84-7-000{i}.flac', i)
        open('dev-clean/84/7/84-7.trans.txt', 'w').write(''.join(f'84-7-000{i} YES {"A" * i}\\n' for i in range(4)))
        """, command: "data audio dev-clean -o speech.h5", extra: speech, line: "features; targets: one of"),
    DataOrganisation(
      row: "LJ Speech",
      program: recordings + """
        for i in range(4): speak(f'LJSpeech-1.1/wavs/LJ001-000{i}.wav', i)
        open('LJSpeech-1.1/metadata.csv', 'w').write(''.join(f'LJ001-000{i}|{i}|yes "{i}\\n' for i in range(4)))
        """, command: "data audio LJSpeech-1.1 -o speech.h5", extra: speech, line: "features; targets: one of"
    ),
    DataOrganisation(
      row: "Common Voice",
      program: recordings + """
        for i in range(4): speak(f'clips/{i}.mp3', i)
        open('train.tsv', 'w').write('client_id\\tpath\\tsentence\\n' + ''.join(f's\\t{i}.mp3\\t"yes {i}\\n' for i in range(4)))
        """, command: "data audio train.tsv -o speech.h5", extra: speech, line: "features; targets: one of"),
    DataOrganisation(
      row: "COCO",
      program: images + """
        import json
        for i in range(4): paint(f'val2017/{i}.png', i)
        json.dump({'images': [{'id': 9 - i, 'file_name': f'{i}.png'} for i in range(4)],
            'annotations': [{'image_id': 9 - i, 'caption': f'gray {i}'} for i in range(4)]},
            open('captions_val2017.json', 'w'))
        """, command: "data images captions_val2017.json --size 8x8 --patch 4 -o coco.h5", extra: captioner,
      line: "4 sequences of 4 steps of"),
    DataOrganisation(
      row: "Flickr8k",
      program: images + """
        for i in range(4): paint(f'Images/{i}.png', i)
        open('captions.txt', 'w').write('image,caption\\n' + ''.join(f'{i}.png,"gray, {i}"\\n' for i in range(4)))
        """, command: "data images captions.txt --size 8x8 --patch 4 -o flickr.h5", extra: captioner,
      line: "4 sequences of 4 steps of"),
  ]
}

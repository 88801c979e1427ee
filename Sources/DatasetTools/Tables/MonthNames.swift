/// Names of months in the languages of many published tables, which the C library reads in English alone.
enum MonthNames {
  private static let english = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// In lower case, without the points of short forms: German, French, Spanish, Italian, Portuguese, Dutch and the
  /// languages of Scandinavia, and Roman numerals.
  private static let others = [
    "januar jänner janvier enero gennaio janeiro januari janv ene gen jän i",
    "februar februari février fevrier febrero febbraio fevereiro feber févr fevr fév fev feb ii",
    "märz marz mars marzo março marco maart mär maerz mrt mrz iii",
    "april avril abril aprile abr avr iv",
    "mai mayo maggio maio mei maj mag v",
    "juni juin junio giugno junho giu vi",
    "juli juillet julio luglio julho juil lug vii",
    "august août aout agosto augustus augusti ago aoû viii",
    "september septembre septiembre setiembre settembre setembro sept set ix",
    "oktober octobre octubre ottobre outubro okt ott out x",
    "november novembre noviembre novembro xi",
    "dezember décembre decembre diciembre dicembre dezembro december dez déc dic xii",
  ]

  private static let numbers: [String: Int] = {
    var numbers: [String: Int] = [:]
    for (number, names) in others.enumerated() {
      for name in names.split(separator: " ") { numbers[String(name)] = number }
    }
    return numbers
  }()

  /// A text with the name of a month in English, without the point of a short form; nil if it has none of another language.
  static func inEnglish(_ text: String) -> String? {
    var start = text.startIndex
    while let begin = text[start...].firstIndex(where: \.isLetter) {
      let end = text[begin...].firstIndex { !$0.isLetter } ?? text.endIndex
      if let number = numbers[text[begin..<end].lowercased()], text[begin..<end] != english[number] {
        let rest = text[end...]
        // A point before a number separates.
        let isShort =
          rest.first == "." && text[begin..<end].count < 6 && rest.dropFirst().first?.isNumber != true
        return text[..<begin] + english[number] + (isShort ? rest.dropFirst() : rest)
      }
      start = end
    }
    return nil
  }
}

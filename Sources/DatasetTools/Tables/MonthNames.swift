/// Names of months in the languages of many published tables, which the C library reads in English alone.
enum MonthNames {
  private static let english = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// In lower case, without the points of short forms: German, French, Spanish, Italian, Portuguese, Dutch and the
  /// languages of Scandinavia.
  private static let others = [
    "januar jänner janvier enero gennaio janeiro januari janv ene gen jän",
    "februar februari février fevrier febrero febbraio fevereiro feber févr fevr fév fev feb",
    "märz marz mars marzo março marco maart mär maerz mrt mrz",
    "april avril abril aprile abr avr",
    "mai mayo maggio maio mei maj mag",
    "juni juin junio giugno junho giu",
    "juli juillet julio luglio julho juil lug",
    "august août aout agosto augustus augusti ago aoû",
    "september septembre septiembre setiembre settembre setembro sept set",
    "oktober octobre octubre ottobre outubro okt ott out",
    "november novembre noviembre novembro",
    "dezember décembre decembre diciembre dicembre dezembro december dez déc dic",
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
        let isShort = rest.first == "." && text[begin..<end].count < 6
        return text[..<begin] + english[number] + (isShort ? rest.dropFirst() : rest)
      }
      start = end
    }
    return nil
  }
}

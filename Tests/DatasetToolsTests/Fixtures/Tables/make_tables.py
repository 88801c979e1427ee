#!/usr/bin/env python3
"""Makes small tables in the forms in which public data sets come, and tables.json: how to read each, and what pandas reads.

The numbers are made up; headers, separators, marks and orders are those of the published files. Needs pandas 3 from PyPI.
"""

import datetime as dt
import io
import json
import math
import pathlib
import random

import pandas as pd

HERE = pathlib.Path(__file__).parent
RANDOM = random.Random(5)
CASES = []


def wave(level, size=1.0, digits=2):
    return round(level + size * math.sin(len(CASES) + RANDOM.random() * 6), digits)


def add(name, text, read, spec, encoding="utf-8"):
    """Writes a table; `read` gives a frame of the inputs, in order of time, with times as its index if there are any."""
    (HERE / name).write_bytes(text.encode(encoding))
    frame = read(HERE / name)
    values = [None if pd.isna(value) else float(value) for row in frame.to_numpy() for value in row]
    case = {"file": name, "values": values, **spec}
    index = frame.index.get_level_values(-1)
    if isinstance(index, pd.DatetimeIndex):
        index = index.tz_convert("UTC").tz_localize(None) if index.tz is not None else index
        case["times"] = [round(float(time), 6) for time in (index - pd.Timestamp(0)) / pd.Timedelta(seconds=1)]
    CASES.append(case)


def hours(count, step=60, start=dt.datetime(2020, 1, 30)):
    return [start + dt.timedelta(minutes=step * number) for number in range(count)]


def comma(number):
    return str(number).replace(".", ",")


def energy():
    rows = [f'"{t}";{comma(wave(3))};{comma(wave(300))}' for t in hours(20, 15)]
    add("LD2011_2014.txt", '"";"MT_001";"MT_002"\n' + "\n".join(rows) + "\n",
        lambda p: pd.read_csv(p, sep=";", decimal=",", index_col=0, parse_dates=True),
        {"inputs": ["MT_001", "MT_002"], "time": "", "decimal": ","})
    rows = [f"{t.day}/{t.month}/{t.year};{t:%H:%M:%S};" + ("?;" if n in (3, 4) else f"{wave(4):.3f};{wave(240):.3f}")
            for n, t in enumerate(hours(20, 1))]

    def household(path):
        frame = pd.read_csv(path, sep=";", na_values="?")
        frame.index = pd.to_datetime(frame.Date + " " + frame.Time, format="%d/%m/%Y %H:%M:%S")
        return frame[["Global_active_power", "Voltage"]]

    add("household_power_consumption.txt", "Date;Time;Global_active_power;Voltage\n" + "\n".join(rows) + "\n", household,
        {"inputs": ["Global_active_power", "Voltage"], "time": "Date,Time", "timeFormat": "%d/%m/%Y %H:%M:%S",
         "separator": ";", "missing": "keep"})
    rows = [f'"{t:%d.%m.%Y %H:%M} - {t + dt.timedelta(minutes=15):%d.%m.%Y %H:%M}","{RANDOM.randint(4, 6)}{n:04}"'
            for n, t in enumerate(hours(20, 15))]

    def entsoe(path):
        frame = pd.read_csv(path)
        frame.index = pd.to_datetime(frame.iloc[:, 0].str[:16], format="%d.%m.%Y %H:%M").dt.tz_localize("Europe/Berlin")
        return frame.iloc[:, 1:]

    add("entsoe.csv", '"Time (CET/CEST)","Actual Total Load [MW] - Germany (DE)"\n' + "\n".join(rows) + "\n", entsoe,
        {"inputs": ["Actual Total Load [MW] - Germany (DE)"], "time": "Time (CET/CEST)", "timeFormat": "%d.%m.%Y %H:%M",
         "zone": "Europe/Berlin"})
    rows = [f"{(t - dt.timedelta(hours=1)):%m/%d/%Y} {(t - dt.timedelta(hours=1)).hour + 1:02}:00,{wave(9)}"
            for t in hours(30, start=dt.datetime(2020, 1, 1, 1))]

    def ercot(path):
        frame = pd.read_csv(path)
        day, hour = frame.HourEnding.str[:10], frame.HourEnding.str[11:13].astype(int)
        frame.index = pd.DatetimeIndex(pd.to_datetime(day, format="%m/%d/%Y") + pd.to_timedelta(hour, unit="h"))
        return frame[["ERCOT"]]

    add("ercot.csv", "HourEnding,ERCOT\n" + "\n".join(rows) + "\n", ercot,
        {"inputs": ["ERCOT"], "time": "HourEnding", "timeFormat": "%m/%d/%Y %H:%M"})
    rows = [f"{t},{wave(64)},{wave(67)}" for t in hours(12, 5)]
    add("metr-la.csv", ",773869,767541\n" + "\n".join(rows) + "\n",
        lambda p: pd.read_csv(p, index_col=0, parse_dates=True), {"inputs": ["773869", "767541"], "time": ""})


def weather():
    rows = [f"{t:%d.%m.%Y %H:%M:%S},{wave(996)},{-9999.0 if n == 7 else wave(1, .5)}" for n, t in enumerate(hours(20, 10))]
    jena = '"Date Time","p (mbar)","wv (m/s)"\n' + "\n".join(rows) + "\n"

    def read(path, **options):
        frame = pd.read_csv(path, index_col=0, **options)
        frame.index = pd.to_datetime(frame.index, format="%d.%m.%Y %H:%M:%S")
        return frame

    spec = {"inputs": ["p (mbar)", "wv (m/s)"], "time": "Date Time", "timeFormat": "%d.%m.%Y %H:%M:%S"}
    add("jena.csv", jena, read,
        {**spec, "note": "column 'wv (m/s)': -9999.0 occurs once, first on line 9, far from all others"})
    add("jena-marked.csv", jena, lambda p: read(p, na_values=[-9999]).ffill(),
        {**spec, "marks": ["-9999"], "missing": "forward"})
    rows = [f"{t:%d/%m/%Y};{t:%H.%M.%S};{'-200' if n in (3, 9) else comma(wave(2))};;" for n, t in enumerate(hours(20))]
    air = "Date;Time;CO(GT);;\r\n" + "\r\n".join(rows + [";;;;"] * 3) + "\r\n"

    def quality(path):
        frame = pd.read_csv(path, sep=";", decimal=",").dropna(how="all")
        frame.index = pd.to_datetime(frame.Date + " " + frame.Time, format="%d/%m/%Y %H.%M.%S")
        return frame[["CO(GT)"]]

    add("AirQualityUCI.csv", air, quality,
        {"inputs": ["CO(GT)"], "time": "Date,Time", "timeFormat": "%d/%m/%Y %H.%M.%S", "decimal": ",",
         "note": "column 'CO(GT)': -200 occurs 2 times, first on line 5, far from all others"})
    rows = [f"{n + 1},{t.year},{t.month},{t.day},{t.hour},{'NA' if n < 3 else RANDOM.randint(9, 300)}"
            for n, t in enumerate(hours(30))]

    def beijing(path):
        frame = pd.read_csv(path)
        frame.index = pd.DatetimeIndex(pd.to_datetime(frame[["year", "month", "day", "hour"]]))
        return frame[["pm2.5"]]

    add("PRSA.csv", "No,year,month,day,hour,pm2.5\n" + "\n".join(rows) + "\n", beijing,
        {"inputs": ["pm2.5"], "time": "year,month,day,hour", "timeFormat": "%Y %m %d %H", "missing": "keep"})
    rows = [f"USGS\t01646500\t{t:%Y-%m-%d %H:%M}\tEST\t{1000 + 7 * n}\tA" for n, t in enumerate(hours(20, 15))]
    add("usgs.txt", "# Data provided for site 01646500\n#\nagency_cd\tsite_no\tdatetime\ttz_cd\t14_00060\t14_00060_cd\n"
        + "5s\t15s\t20d\t6s\t14n\t10s\n" + "\n".join(rows) + "\n",
        lambda p: pd.read_csv(p, sep="\t", comment="#", skiprows=[3], index_col="datetime", parse_dates=True)[["14_00060"]],
        {"inputs": ["14_00060"], "time": "datetime", "separator": "\t", "note": "left out line 4, the types of columns"})
    rows = [f"{t:%Y-%m-%d};--:--;   {-999 if n == 5 else wave(1000, 50):.3f}"
            for n, t in enumerate(hours(20, 1440))]
    add("grdc.txt", "# Title: GRDC STATION DATA FILE\n# DATA\nYYYY-MM-DD;hh:mm; Value\n" + "\n".join(rows) + "\n",
        lambda p: pd.read_csv(p, sep=";", comment="#", index_col=0, parse_dates=True)[[" Value"]],
        {"inputs": ["Value"], "time": "YYYY-MM-DD", "separator": ";", "note": "-999.000 occurs once"})
    rows = [f"2019{day:03},{wave(5)}" for day in range(355, 366)] + [f"2020{day:03},{wave(5)}" for day in range(1, 9)]

    def ordinal(path):
        frame = pd.read_csv(path, index_col=0)
        frame.index = pd.to_datetime(frame.index.astype(str), format="%Y%j")
        return frame

    add("ordinal-days.csv", "day,temperature\n" + "\n".join(rows) + "\n", ordinal,
        {"inputs": ["temperature"], "time": "day", "note": "as years and days of the year"})
    rows = [f"{t:%Y-%m-%d %H:%M:%S},{wave(5)},{wave(9)}" for t in hours(12)]
    add("units.csv", "time,temp,wind\nUTC,degC,m/s\n" + "\n".join(rows) + "\n",
        lambda p: pd.read_csv(p, skiprows=[1], index_col=0, parse_dates=True),
        {"inputs": ["temp", "wind"], "time": "time", "skip": [2]})


def prices():
    days = [dt.date(2020, 3, 1) + dt.timedelta(days=n) for n in range(20)]
    rows = [f'"{day:%m/%d/%Y}","{29000 + n:,}.{n % 10}","{wave(90)}K"' for n, day in enumerate(reversed(days))]

    def investing(path):
        frame = pd.read_csv(path, thousands=",").iloc[::-1]
        frame.index = pd.to_datetime(frame.Date, format="%m/%d/%Y")
        return frame[["Price"]]

    add("investing.csv", '"Date","Price","Vol."\n' + "\n".join(rows) + "\n", investing,
        {"inputs": ["Price"], "time": "Date", "timeFormat": "%m/%d/%Y", "thousands": ",",
         "note": "read the rows from the last to the first, as the newest come first"})
    rows = [f"{day},{wave(100)},{wave(101)},{n}00" for n, day in enumerate(days)]
    one = "Price,Close,High,Volume\nTicker,AAPL,AAPL,AAPL\nDate,,,\n" + "\n".join(rows) + "\n"
    add("yfinance.csv", one, lambda p: pd.read_csv(p, header=[0, 1], index_col=0, parse_dates=True)[["Close", "Volume"]],
        {"inputs": ["Close", "Volume"], "time": "Date", "note": "read lines 1 to 3 as the names of columns"})
    rows = [f"{day},{wave(100)},{wave(200)}" for day in days]
    add("yfinance-two.csv", "Price,Close,Close\nTicker,AAPL,MSFT\nDate,,\n" + "\n".join(rows) + "\n",
        lambda p: pd.read_csv(p, header=[0, 1], index_col=0, parse_dates=True),
        {"inputs": ["AAPL", "MSFT"], "time": "Date"})
    rows = [f"{1583020800 + 86400 * n},{day} 00:00:00,BTC/USD,{wave(8000)}" for n, day in enumerate(days)]
    add("crypto.csv", "https://www.CryptoDataDownload.com\nunix,date,symbol,close\n" + "\n".join(reversed(rows)) + "\n",
        lambda p: pd.read_csv(p, skiprows=1, index_col="date", parse_dates=True)[["close"]].iloc[::-1],
        {"inputs": ["close"], "time": "date", "skip": [1]})


def shops():
    days = [dt.date(2015, 7, 31) - dt.timedelta(days=n) for n in range(12)]
    rows = [f'{shop},{day.isoweekday()},"{day}",{RANDOM.randint(3000, 9000)}' for day in days for shop in (1, 2, 3)]
    add("rossmann.csv", '"Store","DayOfWeek","Date","Sales"\n' + "\n".join(rows) + "\n",
        lambda p: pd.read_csv(p, parse_dates=["Date"]).sort_values(["Store", "Date"]).set_index("Date")[["Sales"]],
        {"inputs": ["Sales"], "time": "Date", "group": "Store",
         "note": "gathered the rows of each of 3 groups, which alternate in the table"})
    days = days[::-1]
    rows = [f"{n},{day},{shop},{family},{wave(20)}" for n, (day, shop, family) in enumerate(
        (day, shop, family) for day in days for shop in (1, 2) for family in ("AUTOMOTIVE", "BABY CARE"))]

    def favorita(path):
        frame = pd.read_csv(path, parse_dates=["date"]).sort_values(["store_nbr", "family", "date"])
        return frame.set_index("date")[["sales"]]

    add("favorita.csv", "id,date,store_nbr,family,sales\n" + "\n".join(rows) + "\n", favorita,
        {"inputs": ["sales"], "time": "date", "group": "store_nbr,family"})


def forms():
    rows = [f"{day:%d.%m.%Y};{comma(wave(2))};{f'{12345 + n:,}'.replace(',', '.')}"
            for n, day in enumerate(t.date() for t in hours(12, 1440))]
    german = "sep=;\r\nDatum;Wert;Größe\r\n" + "\r\n".join(rows) + "\r\n"

    def excel(path):
        frame = pd.read_csv(path, sep=";", decimal=",", thousands=".", skiprows=1, encoding="latin-1",
                            dtype={"Datum": str})
        frame.index = pd.to_datetime(frame.Datum, format="%d.%m.%Y")
        return frame[["Wert", "Größe"]]

    add("excel-german.csv", german, excel,
        {"inputs": ["Wert", "Größe"], "time": "Datum", "timeFormat": "%d.%m.%Y", "decimal": ",", "thousands": ".",
         "encoding": "latin-1"}, "latin-1")
    add("excel-doubtful.csv", german, excel,
        {"inputs": ["Größe"], "encoding": "latin-1",
         "error": "the point of '12.345' may separate thousands"}, "latin-1")
    rows = [f"{n};{1 + n}\u202f{RANDOM.randint(100, 999)};\u2212{n}.5" for n in range(12)]

    def thin(path):
        text = path.read_text().replace("\u202f", "").replace("\u2212", "-")
        return pd.read_csv(io.StringIO(text), sep=";")[["v", "w"]]

    add("thin-spaces.csv", "d;v;w\n" + "\n".join(rows) + "\n", thin,
        {"inputs": ["v", "w"], "separator": ";", "thousands": " "})
    rows = [f'"{comma(wave(2))}","{comma(wave(30))}"' for _ in range(12)]
    add("sheets-german.csv", "a,b\n" + "\n".join(rows) + "\n", lambda p: pd.read_csv(p, decimal=","),
        {"inputs": ["a", "b"], "separator": ",", "decimal": ","})
    rows = [f"{2015 + n // 12}-{1 + n % 12:02},{RANDOM.randint(1, 100)}" for n in range(24)]
    add("trends.csv", "Category: All categories\n\nMonth,bitcoin: (Worldwide)\n" + "\n".join(rows) + "\n",
        lambda p: pd.read_csv(p, skiprows=1, index_col=0, parse_dates=True),
        {"inputs": ["bitcoin: (Worldwide)"], "time": "Month", "skip": [1]})
    rows = [f"{n},{n * 3}.5{' p' if n == 7 else '*' if n == 3 else ''},{': c' if n == 4 else n}" for n in range(12)]

    def flagged(path):
        text = path.read_text().replace(" p", "").replace("*", "").replace(": c", "")
        return pd.read_csv(io.StringIO(text))[["x", "y"]]

    add("flags.csv", "t,x,y\n" + "\n".join(rows) + "\n", flagged,
        {"inputs": ["x", "y"], "flags": ["p", "*", "c"], "marks": [":"], "missing": "keep"})
    rows = [f"2020-{n + 1:02},{100 + n}" for n in range(12)]
    add("totals.csv", "month,sales\n" + "\n".join(rows + ["Total,1266"]) + "\n", lambda p: pd.read_csv(p)[["sales"]],
        {"inputs": ["sales"], "note": "the last row, line 14, is the sum of the others"})
    rows = [f"{n},{n * n}," for n in range(9)]
    add("trailing.csv", "t,x\n" + "\n".join(rows) + "\n", lambda p: pd.read_csv(p, index_col=False)[["x"]],
        {"inputs": ["x"], "note": "left out an empty field at the end of 9 rows"})
    rows = [f'{n},"{wave(99)}",{n}' for n in range(9)]
    add("comma-names.csv", 't,"P, kPa",n\n' + "\n".join(rows) + "\n", lambda p: pd.read_csv(p)[["P, kPa", "n"]],
        {"inputs": ["P", " kPa", "n"]})


def stations():
    rows = [f"{t:%Y %m %d %H %M} {150 + n:3} {wave(6):4.1f} {wave(8):4.1f} {99.0 if n % 4 else wave(1, .5):5.2f} {wave(1015):6.1f}"
            for n, t in enumerate(hours(20, start=dt.datetime(2021, 1, 1, 0, 50)))]
    buoy = ("#YY  MM DD hh mm WDIR WSPD GST   WVHT   PRES\n#yr  mo dy hr mn degT m/s  m/s    m    hPa\n" + "\n".join(rows) + "\n")

    def read(path, **options):
        frame = pd.read_csv(path, sep=r"\s+", skiprows=[1], **options)
        parts = {"#YY": "year", "MM": "month", "DD": "day", "hh": "hour", "mm": "minute"}
        frame.index = pd.DatetimeIndex(pd.to_datetime(frame[list(parts)].rename(columns=parts)))
        return frame[["WSPD", "WVHT", "PRES"]]

    spec = {"inputs": ["WSPD", "WVHT", "PRES"], "separator": " ", "time": "YY,MM,DD,hh,mm",
            "timeFormat": "%Y %m %d %H %M"}
    add("44025h2021.txt", buoy, read, {**spec, "note": "column 'WVHT': 99.00 occurs 15 times, first on line 4, far from all"})
    add("44025h2021.txt", buoy, lambda p: read(p, na_values=[99.0]),
        {**spec, "marks": ["99.0"], "missing": "keep", "note": "read line 1 as the names of columns, and line 2 as their units"})
    rows = [f"{t.year},{t.month},{t.day},{t.hour},{-999.0 if n in (3, 9) else wave(500, 400)}" for n, t in enumerate(hours(30))]
    add("power.csv", "-BEGIN HEADER-\nNASA/POWER Native Resolution Hourly Data\n-END HEADER-\n"
        "YEAR,MO,DY,HR,ALLSKY_SFC_SW_DWN\n" + "\n".join(rows) + "\n",
        lambda p: pd.read_csv(p, skiprows=3)[["ALLSKY_SFC_SW_DWN"]],
        {"inputs": ["ALLSKY_SFC_SW_DWN"], "skip": [1, 2, 3],
         "note": "-999.0 occurs 2 times, first on line 8, "})
    rows = [f"{-200 if n % 10 else 100 + 13 * n},{wave(50)}" for n in range(60)]
    add("air-rare.csv", "NMHC(GT),RH\n" + "\n".join(rows) + "\n", lambda p: pd.read_csv(p),
        {"inputs": ["NMHC(GT)", "RH"], "note": "-200 occurs 54 times, first on line 3, the only negative number beside 100 to 750"})
    rows = [f"{t:%m/%d/%Y},{t:%I:%M:%S}.{125 * (n % 8):03} {t:%p},{wave(7)}"
            for n, t in enumerate(dt.datetime(2017, 9, 25, 11, 59, 50) + dt.timedelta(seconds=k) for k in range(20))]

    def wadi(path):
        frame = pd.read_csv(path)
        frame.index = pd.DatetimeIndex(pd.to_datetime(frame.Date + " " + frame.Time, format="%m/%d/%Y %I:%M:%S.%f %p"))
        return frame[["1_AIT_001_PV"]]

    spec = {"inputs": ["1_AIT_001_PV"], "time": "Date,Time"}
    text = "Date,Time,1_AIT_001_PV\n" + "\n".join(rows) + "\n"
    add("WADI.csv", text, wadi, {**spec, "timeFormat": "%m/%d/%Y %I:%M:%S %p"})
    add("WADI.csv", text, wadi, {**spec, "timeFormat": "%m/%d/%Y %I:%M:%S.%f %p"})
    add("WADI.csv", text, wadi, {**spec, "error": "use --time-format '%m/%d/%Y %I:%M:%S %p'"})
    months = ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
              "Dezember"]
    rows = [f"{n % 28 + 1:02}. {months[n % 12]} {2020 + n // 12};{comma(wave(9))}" for n in range(30)]

    def german(path):
        frame = pd.read_csv(path, sep=";", decimal=",")
        english = frame.Datum.replace({name: f"{n + 1:02}" for n, name in enumerate(months)}, regex=True)
        frame.index = pd.DatetimeIndex(pd.to_datetime(english, format="%d. %m %Y"))
        return frame[["Wert"]]

    spec = {"inputs": ["Wert"], "time": "Datum", "decimal": ","}
    text = "Datum;Wert\n" + "\n".join(rows) + "\n"
    add("german-months.csv", text, german, {**spec, "timeFormat": "%d. %B %Y"})
    add("german-months.csv", text, german, {**spec, "error": "use --time-format '%d. %b %Y'"})
    rows = [f"{2000 + n // 2}-S{n % 2 + 1},{wave(3)}" for n in range(12)]

    def halves(path):
        frame = pd.read_csv(path)
        frame.index = pd.DatetimeIndex(pd.to_datetime(frame.TIME.replace({"-S1": "-01-01", "-S2": "-07-01"}, regex=True)))
        return frame[["v"]]

    add("half-years.csv", "TIME,v\n" + "\n".join(rows) + "\n", halves, {"inputs": ["v"], "time": "TIME"})


energy()
weather()
prices()
shops()
forms()
stations()
(HERE / "tables.json").write_text(json.dumps(CASES, indent=1, ensure_ascii=False) + "\n")

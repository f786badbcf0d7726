"""Delimited text as people export it: headers, encodings, quotes, and rows that aren't data."""

from typing import NamedTuple

import pytest

from agents.delimited_text import records
from agents.text_decoding import decode
from agents.tools.data.in_sandbox.look import told
from agents.tools.data.in_sandbox.non_data_rows import not_data
from agents.tools.data.in_sandbox.text_sample import LARGE
from agents.tools.data.in_sandbox.text_table import read_text


class Headed(NamedTuple):
    """A file whose columns have these names, and that many rows below."""

    kind: str
    text: str
    columns: tuple[str, ...]
    rows: int


HEADERS = [
    Headed("years", "Country,2019,2020,2021\nA,1,2,3\nB,4,5,6\n", ("Country", "2019", "2020", "2021"), 2),
    Headed("one year", "Country;2019\nA;1\nB;4\n", ("Country", "2019"), 2),
    Headed("years alone", "2019,2020,2021\n5,6,8\n1,2,9\n", ("2019", "2020", "2021"), 2),
    Headed("years in the data", "Bob,1984\nAnn,1990\nCy,1971\n", ("column 1", "column 2"), 3),
    Headed("spans of years", "A,2019,2020\nB,2018,2021\nC,2015,2016\n", ("column 1", "column 2", "column 3"), 3),
    Headed("months", "Item,Jan,Feb\nA,1,2\nB,3,4\n", ("Item", "Jan", "Feb"), 2),
    Headed("dates", "Item,2024-01-01,2024-02-01\nA,1,2\nB,3,4\n", ("Item", "2024-01-01", "2024-02-01"), 2),
    Headed("numbers", "Name,Age,50,100\nA,3,1.5,2\nB,4,2.5,1\n", ("Name", "Age", "50", "100"), 2),
    Headed("numbers from 0", ",0,1,2\n0,0.3,0.7,9\n1,0.5,0.1,2\n", ("column 1", "0", "1", "2"), 2),
    Headed("no header", "1,2,3\n4,5,6\n7,8,9\n", ("column 1", "column 2", "column 3"), 3),
    Headed("no header, words later", "A,1\nB,2\nx,n/a\nC,3\n", ("column 1", "column 2"), 4),
    Headed("a name twice", "id,Amount,Amount\n1,2,3\n2,5,6\n", ("id", "Amount", "Amount_2"), 2),
    Headed(
        "two rows, groups above",
        ",2019,,2020,\nCountry,Sales,Cost,Sales,Cost\nA,1,2,3,4\nB,5,6,7,8\n",
        ("Country", "2019 Sales", "2019 Cost", "2020 Sales", "2020 Cost"),
        2,
    ),
    Headed(
        "two rows, names above",
        "Country,Sales,Sales,Cost,Cost\n,2019,2020,2019,2020\nA,1,2,3,4\nB,5,6,7,8\n",
        ("Country", "Sales 2019", "Sales 2020", "Cost 2019", "Cost 2020"),
        2,
    ),
    Headed("units below", "Name,Weight,Height\n,kg,cm\nA,1,2\nB,5,6\n", ("Name", "Weight kg", "Height cm"), 2),
    Headed(
        "preamble",
        "Report 2024\nMade,2024-01-01\n\nCountry,2019,2020\nA,1,2\nB,4,5\n",
        ("Country", "2019", "2020"),
        2,
    ),
    Headed("preamble of pairs", "Report,Sales\nDate,2024\n\nname,amount\nA,1\nB,2\n", ("name", "amount"), 2),
    Headed("a word among numbers", "name,amount\nA,1\nB,unknown\nC,2\nD,3\nE,4\nF,7\n", ("name", "amount"), 6),
    Headed("only a header", "a,b,c\n", ("a", "b", "c"), 0),
    Headed("decimal commas", "a;b;c\nA;1,5;2,5\nB;3,5;4,5\n", ("a", "b", "c"), 2),
    Headed("a named delimiter", "sep=;\na;b\n1,5;2\n", ("a", "b"), 1),
]


@pytest.mark.parametrize("case", HEADERS, ids=lambda case: case.kind)
def test_columns_have_the_names_that_people_see(case: Headed) -> None:
    table = read_text(case.text.encode(), "a.csv")
    assert (tuple(table.columns), len(table.rows)) == (case.columns, case.rows)


def test_a_year_is_never_counted_as_a_value() -> None:
    table = read_text(b"Country,2019,2020\nA,1,2\nB,4,5\n", "a.csv")
    assert sum(int(v) for v in table.values(table.column("2019"))) == 5


JAPANESE = "商品名,価格,数量\nりんご,120,3\nみかん,80,10\nぶどう,450,1\n"
CHINESE = "姓名,城市,金额\n王小明,北京,1200\n李华,上海,800\n张伟,广州,950\n"
TAIWANESE = "姓名,城市,金額\n王小明,臺北,1200\n陳美玲,高雄,800\n林志強,臺中,950\n"
RUSSIAN = "Имя,Город,Сумма\nИван Петров,Москва,1200\nАнна Смирнова,Казань,800\n"
GERMAN = "Name,Stadt,Betrag\nMüller,Köln,1200\nJäger,Düsseldorf,800\nGroß,Lübeck,5\n"
FRENCH = "Nom,Ville\nJosé,Orléans\nZoë,Besançon\nRené,Nîmes\n"
POLISH = "Imię,Miasto\nŁukasz,Łódź\nŻaneta,Kraków\nWiesław,Gdańsk\n"
ENCODINGS = [
    *[("cp932", text) for text in (JAPANESE, "氏名,住所\n田中太郎,東京都新宿区\n鈴木一郎,北海道札幌市\n")],
    ("euc_jp", JAPANESE),
    *[("gbk", text) for text in (CHINESE, "产品,数量\n苹果,3\n香蕉,5\n")],
    *[("big5", text) for text in (TAIWANESE, "產品,數量\n蘋果,3\n香蕉,5\n")],
    ("cp949", "이름,도시,금액\n김철수,서울,1200\n이영희,부산,800\n"),
    *[("cp1251", text) for text in (RUSSIAN, "Товар;Цена\nМолоко;80\nХлеб;45\n")],
    ("koi8_r", RUSSIAN),
    *[("mac_roman", text) for text in (GERMAN, FRENCH)],
    *[("cp1252", text) for text in (GERMAN, FRENCH, "Item,Price\nCafé,£5\nTea,€3\n", "Navn,By\nSøren,Århus\n")],
    *[(codec, POLISH) for codec in ("cp1250", "iso8859_2")],
    ("cp1253", "Όνομα,Πόλη\nΓιώργος,Αθήνα\nΜαρία,Θεσσαλονίκη\n"),
    ("cp1254", "Ad,Şehir\nAyşe,İstanbul\nMustafa,Eskişehir\nÖzgür,Muğla\n"),
    ("cp1255", "שם,עיר\nדוד,ירושלים\nרחל,חיפה\n"),
    ("cp1256", "الاسم,المدينة\nمحمد,القاهرة\nفاطمة,الرياض\n"),
    ("cp850", FRENCH),
    *[(codec, text) for codec in ("utf-16-le", "utf-16-be") for text in (GERMAN, CHINESE)],
    *[(codec, JAPANESE) for codec in ("utf-8", "utf-8-sig", "utf-16", "utf-32")],
]


@pytest.mark.parametrize(("codec", "text"), ENCODINGS, ids=[f"{codec} {n}" for n, (codec, _) in enumerate(ENCODINGS)])
def test_text_without_a_mark_is_read_in_its_own_encoding(codec: str, text: str) -> None:
    assert decode(text.encode(codec)).text == text


def test_how_sure_an_encoding_is_is_said_and_can_be_overridden() -> None:
    content = "a,b\nÄ,1\n".encode("mac_roman")
    assert "a guess; if words look wrong, pass encoding=" in told("a.csv", read_text(b"a,b\n\x8f\x9d,1\n", "a.csv"))
    assert read_text(content, "a.csv", "macroman").rows == [["Ä", "1"]]


QUOTES = [
    ("doubled quotes", 'a,b,c\n1,"x ""y"", z",3\n2,"q",4\n', [["1", 'x "y", z', "3"], ["2", "q", "4"]], ""),
    (
        "quotes everywhere",
        'n,t\n1,"5"" pipe"\n2,"7"" pipe, ""long"""\n',
        [["1", '5" pipe'], ["2", '7" pipe, "long"']],
        "",
    ),
    ("escaped quotes", 'a,b\n1,"x \\"y\\", z"\n2,q\n', [["1", 'x "y", z'], ["2", "q"]], ""),
    ("inch marks", 'a,b\n1,5" pipe\n2,x\n', [["1", '5" pipe'], ["2", "x"]], ""),
    ("a line break inside", 'a,b\n1,"x\ny"\n2,q\n', [["1", "x\ny"], ["2", "q"]], ""),
    (
        "never closed",
        'a,b\n1,"open\n2,x\n3,y\n',
        [["1", '"open'], ["2", "x"], ["3", "y"]],
        "a quotation mark on line 2 is never closed",
    ),
    (
        "not doubled",
        'a,b\n"Tom "Tiny" Ray",5\n"12" pipe",6\n5,"x "Tiny""\n"a "b, c" d",7\n"say ""hi"" to "x" now",8\n',
        [
            ['Tom "Tiny" Ray', "5"],
            ['12" pipe', "6"],
            ["5", 'x "Tiny"'],
            ['a "b, c" d', "7"],
            ['say "hi" to "x" now', "8"],
        ],
        "marks inside cells on line 2, 3, 4, 5, 6 aren't escaped; they were kept",
    ),
    ("not doubled, in two lines", 'a,b\n"x\ny "q" z",5\n', [['x\ny "q" z', "5"]], "on line 2 aren't"),
    ("not doubled, never closed", 'a,b\n"x"y,5\n', [['"x"y', "5"]], "on line 2 aren't"),
    ("a space before the delimiter", 'a,b\n"x" ,5\n', None, ""),
    ("closed too late", 'a,b\n1,"open\n2,x\n3,"y"\n4,z\n', None, "starts on line 2 contains"),
    ("forced text", 'zip,n\n="01067",3\n"=""02345""",4\n', [["01067", "3"], ["02345", "4"]], ""),
    ("a heading with equal signs", "a,b\n=== Totals ===,1\n", [["=== Totals ===", "1"]], ""),
]


@pytest.mark.parametrize(("kind", "text", "rows", "odd"), QUOTES, ids=[row[0] for row in QUOTES])
def test_quotes_are_read_as_they_were_meant(kind: str, text: str, rows: list[list[str]] | None, odd: str) -> None:
    found = records(text)
    assert rows is None or found.rows[1:] == rows
    assert odd in " ".join(found.odd) if odd else not found.odd


def test_many_open_quotes_take_no_longer_than_the_file() -> None:
    text = "a,b\n" + "".join(f'{n},"open {n}\n' if n % 2 else f"{n},x\n" for n in range(501))
    assert len(records(text).rows) >= 200


BESIDES = [
    ("a total below", "a,b\nx,1\ny,2\nTotal,3\n", "totals in line 4"),
    ("a total with its year", "a,b,c\nx,1,1\ny,2,2\nTotal 2024:,3,3\n", "totals in line 4"),
    ("a marked total", "a,b\nx,1\ny,2\n=== Totals ===,3\n", "totals in line 4"),
    ("a total in Russian", "a,b\nx,1\ny,2\nИтого,3\n", "totals in line 4"),
    ("a source below", "a,b,c\nx,1,2\ny,2,3\nz,4,5\nSource: the ministry,,\n", "notes in line 5"),
    ("the header again", "a,b\nx,1\na,b\ny,2\n", "repeated headers in line 3"),
    ("a printed page's heading", "a,b,c\nx,1,2\nOpen items page 2\na,b,c\ny,2,3\n", "repeated headers in lines 3-4"),
    ("a row of one cell before it", "a,b,c\nx,1,2\ny,,\na,b,c\nz,2,3\n", "repeated headers in line 4"),
    ("stars for a total", "no|name|sum\n1|x|4,50\n2|y|3,00-\n*||1,50\n3|z|2,00\n**||3,50\n", "totals in lines 4, 6"),
    ("a sum without a word", "no;name;sum\n1;x;4,50\n2;y;3,00-\n3;z;2,25\n;;3,75\n", "totals in line 5"),
    ("a sign for a sum", "no,name,sum\n1,x,4\n2,y,3\n3,z,2\nΣ,,9\n", "totals in line 5"),
    ("a last row that isn't a sum", "no;name;sum\n1;x;4,50\n2;y;3,00-\n3;z;2,25\n;;3,80\n", ""),
    ("stars as a flag", "flag,name,sum\n*,x,4\n,y,3\n*,z,2\n,u,1\n,v,7\n", ""),
    ("nothing", "a,b\nx,1\ny,2\n", ""),
    ("a person named Sum", "a,b\nSum,1\n" + "y,2\n" * 9, ""),
]


@pytest.mark.parametrize(("kind", "text", "said"), BESIDES, ids=[row[0] for row in BESIDES])
def test_rows_that_are_not_data_are_named(kind: str, text: str, said: str) -> None:
    words = not_data(read_text(text.encode(), "a.csv"))
    assert said in words if said else not words


PROBLEMS = [
    ("typed", "a,b,c\n1,2024-01-01,x\n2,2024-01-02,y\n3,2024-02-03,z\n", "dates stored as text"),
    ("numbers and words", "a\n" + "x\n" * 6 + "5\n" * 4, "mixed types: 6 text, 4 number"),
    ("figures with units", "a\n12 km\n13 km\n14 km\n", "contain figures that weren't understood"),
    ("Japanese accounts", "a\n▲500\n△20\n30\n", "2 numbers with ▲ or △ are read as negative, such as '▲500'"),
    ("up and down", "a\n▲500\n▼20\n30\n", "▲ is read as up (positive) and ▼ as down"),
    ("times", "a\n10:30\n11:45\n", "times as text"),
    ("postcodes", "a\n01067\n12345\n23456\n", ""),
    ("words", "a,b\nx,1\ny,2\n", ""),
]


@pytest.mark.parametrize(("kind", "text", "said"), PROBLEMS, ids=[row[0] for row in PROBLEMS])
def test_nothing_looks_wrong_only_when_every_column_is_typed_or_plainly_text(kind: str, text: str, said: str) -> None:
    words = told("a.csv", read_text(text.encode(), "a.csv"))
    assert said in words if said else "No problems found" in words


def _large() -> str:
    lines = (f"{n},Shop {n % 7},{n % 50}.50,{'x' * 1800}" for n in range(4_500))
    return "id,shop,amount,text\n" + "\n".join(lines) + "\nTotal,,110250,\n"


def test_the_first_look_at_a_large_file_takes_a_sample_with_its_end() -> None:
    text = _large()
    assert len(text) > LARGE
    table = read_text(text.encode(), "a.csv", first_look=True)
    assert table.total == 4_501
    assert 300 < len(table.rows) < 900
    assert (table.places[0], table.places[-1], table.places == sorted(table.places)) == (2, 4_502, True)
    assert all(row[0] == "Total" or row[0] == str(at - 2) for row, at in zip(table.rows, table.places, strict=True))
    said = told("a.csv", table)
    assert (
        f"4,501 rows (lines 2-4502); this covers a sample of {len(table.rows):,}: the beginning, the end, and" in said
    )
    assert "total rows in line 4502" in said
    assert read_text(text.encode(), "a.csv").total is None


def test_quoted_line_breaks_do_not_break_the_sample() -> None:
    text = _large().replace("Shop 3", '"Shop\nthree"')
    table = read_text(text.encode(), "a.csv", first_look=True)
    assert table.odd == ()
    assert "about 5,14" in told("a.csv", table)
    assert all(row[0] == "Total" or row[0].isdigit() for row in table.rows)

# Copyright: (c) mimsync.sharepoint contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names of many scripts, each with the letters a logon name is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Culture:
    """`given` and `family`: (as written, in ASCII, as spoken - empty where nobody writes that down).

    `family_first`: the order of a full name; `joint` stands between the parts.
    """

    city: str
    country: str
    code: str
    dial: str
    given: tuple[tuple[str, str, str], ...]
    family: tuple[tuple[str, str, str], ...]
    family_first: bool = False
    joint: str = " "


def _plain(text: str) -> tuple[tuple[str, str, str], ...]:
    """`written=ascii=spoken` words; the last two may be left out."""
    rows = []
    for word in text.split():
        parts = word.replace("_", " ").split("=")
        rows.append((parts[0], parts[1] if len(parts) > 1 else parts[0], parts[2] if len(parts) > 2 else ""))
    return tuple(rows)


CULTURES: tuple[Culture, ...] = (
    Culture(
        "Berlin",
        "Germany",
        "DE",
        "+49 30",
        _plain("Jürgen=Juergen Anke Jörg=Joerg Käthe=Kaethe Lukas Sören=Soeren Hannah Björn=Bjoern Ute Matthias Änne=Aenne Friedrich Petra Günther=Guenther"),
        _plain("Müller=Mueller Schäfer=Schaefer Weiß=Weiss Krüger=Krueger Böhm=Boehm Vogel Groß=Gross Jäger=Jaeger Köhler=Koehler Brandt Lange Süß=Suess"),
    ),
    Culture(
        "Lyon",
        "France",
        "FR",
        "+33 4",
        _plain(
            "Éloïse=Eloise François=Francois Zoé=Zoe Jérôme=Jerome Chloé=Chloe Benoît=Benoit Anaïs=Anais Loïc=Loic Hélène=Helene Gaël=Gael Margaux Rémi=Remi"
        ),
        _plain(
            "Lefèvre=Lefevre Béranger=Beranger Dupré=Dupre Gonçalvès=Goncalves Noël=Noel "
            "D'Aubigné=DAubigne Chrétien=Chretien Moreau Hébert=Hebert Prévost=Prevost"
        ),
    ),
    Culture(
        "Dublin",
        "Ireland",
        "IE",
        "+353 1",
        _plain("Siobhán=Siobhan Seán=Sean Aoife Pádraig=Padraig Niamh Conor Róisín=Roisin Eoin Gráinne=Grainne Ciarán=Ciaran Orla Brian"),
        _plain("O'Brien=OBrien Ó_Súilleabháin=OSuilleabhain Byrne Walsh O'Reilly=OReilly McCarthy Doyle Fitzgerald Nolan Kavanagh"),
    ),
    Culture(
        "Kraków",
        "Poland",
        "PL",
        "+48 12",
        _plain(
            "Łukasz=Lukasz Małgorzata=Malgorzata Zbigniew Światosława=Swiatoslawa Żaneta=Zaneta Paweł=Pawel Michał=Michal Agnieszka Grażyna=Grazyna Krzysztof"
        ),
        _plain("Wiśniewska=Wisniewska Dąbrowski=Dabrowski Wójcik=Wojcik Zając=Zajac Król=Krol Łuczak=Luczak Jabłońska=Jablonska Szczęsny=Szczesny Gołąb=Golab"),
    ),
    Culture(
        "İzmir",
        "Türkiye",
        "TR",
        "+90 232",
        _plain("Çağla=Cagla İbrahim=Ibrahim Gülşah=Gulsah Oğuz=Oguz Işıl=Isil Şükrü=Sukru Ayşe=Ayse Ömer=Omer Özlem=Ozlem Emre"),
        _plain("Yılmaz=Yilmaz Şahin=Sahin Çelik=Celik Öztürk=Ozturk Güneş=Gunes Kılıç=Kilic Aydın=Aydin Doğan=Dogan Işık=Isik"),
    ),
    Culture(
        "Hanoi",
        "Vietnam",
        "VN",
        "+84 24",
        _plain("Thị_Hồng=ThiHong Văn_Đức=VanDuc Ngọc_Ánh=NgocAnh Minh_Châu=MinhChau Quốc_Bảo=QuocBao Thùy_Dương=ThuyDuong Hữu_Phước=HuuPhuoc"),
        _plain("Nguyễn=Nguyen Trần=Tran Lê=Le Phạm=Pham Hoàng=Hoang Vũ=Vu Đặng=Dang Bùi=Bui Đỗ=Do"),
        family_first=True,
    ),
    Culture(
        "Αθήνα",
        "Greece",
        "GR",
        "+30 210",
        _plain(
            "Γεώργιος=Georgios Ελένη=Eleni Κωνσταντίνος=Konstantinos Σοφία=Sofia "
            "Δημήτρης=Dimitris Χρυσούλα=Chrysoula Ανδρέας=Andreas Ιωάννα=Ioanna Θεόδωρος=Theodoros"
        ),
        _plain("Παπαδόπουλος=Papadopoulos Νικολάου=Nikolaou Βλάχος=Vlachos Αντωνίου=Antoniou Καραγιάννης=Karagiannis Οικονόμου=Oikonomou Ζαχαρίας=Zacharias"),
    ),
    Culture(
        "София",
        "Bulgaria",
        "BG",
        "+359 2",
        _plain("Иван=Ivan Цветана=Tsvetana Георги=Georgi Мария=Mariya Юлиян=Yuliyan Жулиета=Zhulieta Стоян=Stoyan Радка=Radka Щилян=Shtilyan"),
        _plain("Петров=Petrov Димитрова=Dimitrova Стоянов=Stoyanov Кръстева=Krasteva Юруков=Yurukov Ангелова=Angelova Жеков=Zhekov Цонев=Tsonev"),
    ),
    Culture(
        "東京",
        "Japan",
        "JP",
        "+81 3",
        _plain(
            "太郎=Taro=タロウ 花子=Hanako=ハナコ 健一=Kenichi=ケンイチ 美咲=Misaki=ミサキ "
            "大輔=Daisuke=ダイスケ さくら=Sakura=サクラ 翔太=Shota=ショウタ 陽菜=Hina=ヒナ"
        ),
        _plain(
            "佐藤=Sato=サトウ 鈴木=Suzuki=スズキ 高橋=Takahashi=タカハシ 渡辺=Watanabe=ワタナベ "
            "伊藤=Ito=イトウ 山本=Yamamoto=ヤマモト 中村=Nakamura=ナカムラ 齋藤=Saito=サイトウ"
        ),
        family_first=True,
        joint=" ",
    ),
    Culture(
        "上海",
        "China",
        "CN",
        "+86 21",
        _plain(
            "伟=Wei=Wei 芳=Fang=Fang 娜=Na=Na 秀英=Xiuying=Xiuying 敏=Min=Min 静=Jing=Jing 丽=Li=Li 强=Qiang=Qiang 磊=Lei=Lei 洋=Yang=Yang 子轩=Zixuan=Zixuan"
        ),
        _plain("王=Wang=Wang 李=Li=Li 张=Zhang=Zhang 刘=Liu=Liu 陈=Chen=Chen 欧阳=Ouyang=Ouyang 赵=Zhao=Zhao 黄=Huang=Huang 周=Zhou=Zhou 𠮷=Ji=Ji"),
        family_first=True,
        joint="",
    ),
    Culture(
        "서울",
        "Korea",
        "KR",
        "+82 2",
        _plain("민준=Minjun=Minjun 서연=Seoyeon=Seoyeon 지호=Jiho=Jiho 하은=Haeun=Haeun 도윤=Doyun=Doyun 수빈=Subin=Subin 예준=Yejun=Yejun 지우=Jiwoo=Jiwoo"),
        _plain("김=Kim=Kim 이=Lee=Lee 박=Park=Park 최=Choi=Choi 정=Jung=Jung 강=Kang=Kang 조=Cho=Cho 윤=Yoon=Yoon"),
        family_first=True,
        joint="",
    ),
    Culture(
        "القاهرة",
        "Egypt",
        "EG",
        "+20 2",
        _plain("محمد=Mohamed فاطمة=Fatima أحمد=Ahmed مريم=Maryam يوسف=Youssef نور=Nour خالد=Khaled ليلى=Layla عمر=Omar هدى=Hoda"),
        _plain("حسن=Hassan المصري=ElMasry عبد_الله=Abdallah السيد=ElSayed إبراهيم=Ibrahim منصور=Mansour الشريف=ElSherif فرج=Farag"),
    ),
    Culture(
        "תל אביב",
        "Israel",
        "IL",
        "+972 3",
        _plain("דוד=David שרה=Sara יוסף=Yosef רחל=Rachel נועם=Noam תמר=Tamar אורי=Uri מיכל=Michal"),
        _plain("כהן=Cohen לוי=Levi מזרחי=Mizrahi פרץ=Peretz ביטון=Biton אברהם=Avraham פרידמן=Friedman"),
    ),
    Culture(
        "मुंबई",
        "India",
        "IN",
        "+91 22",
        _plain("आरव=Aarav प्रिया=Priya विवेक=Vivek अनन्या=Ananya रोहन=Rohan मीरा=Meera अर्जुन=Arjun कविता=Kavita"),
        _plain("शर्मा=Sharma पटेल=Patel सिंह=Singh गुप्ता=Gupta देशमुख=Deshmukh मेहता=Mehta अय्यर=Iyer"),
    ),
    Culture(
        "São Paulo",
        "Brazil",
        "BR",
        "+55 11",
        _plain("João=Joao Conceição=Conceicao Antônio=Antonio Mônica=Monica André=Andre Luísa=Luisa Sebastião=Sebastiao Vitória=Vitoria Thiago Inês=Ines"),
        _plain("Gonçalves=Goncalves Araújo=Araujo Simões=Simoes Magalhães=Magalhaes Corrêa=Correa Brandão=Brandao Conceição=Conceicao Lima"),
    ),
    Culture(
        "London",
        "United Kingdom",
        "GB",
        "+44 20",
        _plain("Oliver Charlotte Harry Emily George Zadie Percival Beatrix Alfred Matilda Rupert Imogen Edmund Harriet"),
        _plain("Smith Hartley Cholmondeley Ward Featherstonehaugh-Montgomery=Featherstonehaugh Bell Fox Marsh Thornton Whitaker Ashworth Pemberton"),
    ),
)

DEPARTMENTS = (
    "Sales", "Research & Development", "Human Resources", "Finance", "Legal", "Marketing", "IT", "Production", "Purchasing", "Logistics",
    "Customer Care", "Board",
)  # fmt: skip
TITLES = ("Assistant", "Specialist", "Senior Specialist", "Engineer", "Senior Engineer", "Consultant", "Team Lead", "Analyst", "Accountant", "Architect")
STREETS = ("Station Road 1", "Harbour Street 27", "Market Square 5", "Mill Lane 112", "Garden Street 9")
# Names whose DN needs care: comma, plus, quotation marks, leading and trailing characters, backslash, equals sign.
AWKWARD = (
    ("O'Hara, Scarlett", "Scarlett", "O'Hara", "sohara"),
    ('Robert "Bob" Tables', "Robert", "Tables", "rtables"),
    ("Ada R+D Lovelace", "Ada", "Lovelace", "alovelace"),
    ("#Grace Hopper", "Grace", "Hopper", "ghopper"),
    (" Linus Blank ", "Linus", "Blank", "lblank"),
    ("Back\\Slash; Test <x=1>", "Back", "Slash", "bslash"),
    ("Zoë/Chloé Twin", "Zoë", "Twin", "ztwin"),
)

"""How people whose names stand in another script customarily write them in Latin letters: tables, no rules.

Family names in Han and Hangul have one spelling per romanisation and region (pinyin, Wade-Giles, Cantonese,
Hokkien; revised, McCune-Reischauer, usual); Arabic and Hebrew names are written without their vowels. Only
names that very many bear are listed.
"""

from __future__ import annotations

from functools import cache

from guardrail.roster.fold import split_words, word_set

_HAN = """
陈陳 chen chan tan chern|林 lin lam lim|黄黃 huang wong ng hwang|张張 zhang cheung chang teo
李 li lee lei|王 wang wong ong|吴吳 wu ng goh|刘劉 liu lau low|蔡 cai tsai choi choy chua
杨楊 yang yeung young|梁 liang leung leong|郑鄭 zheng cheng tay|谢謝 xie hsieh tse chia
许許 xu hsu hui koh|邓鄧 deng tang teng|冯馮 feng fung|何 he ho|周 zhou chow chau chou chew
罗羅 luo lo law|朱 zhu chu choo|胡 hu wu woo|高 gao kao ko|郭 guo kwok kuo|叶葉 ye yeh yip yap
曾 zeng tsang tseng|钟鍾 zhong chung|徐 xu hsu tsui|孙孫 sun suen|马馬 ma mah|赵趙 zhao chao chiu
关關 guan kwan|余 yu yue|潘 pan poon phua|卢盧 lu lo loo|蒋蔣 jiang chiang|苏蘇 su so soh
江 jiang kong chiang|彭 peng pang|邱 qiu chiu yau khoo|石 shi shek shih|方 fang fong|唐 tang tong
袁 yuan yuen|夏 xia hsia ha|曹 cao tsao cho|丁 ding ting|沈 shen shum sum|廖 liao liu|黎 li lai
吕呂 lu lui lyu|萧蕭 xiao siu hsiao|洪 hong hung ang|傅 fu foo|程 cheng ching|金 jin kam chin
宋 song sung|魏 wei ngai|韩韓 han hon|范 fan|姚 yao yiu|谭譚 tan tam|汪 wang wong|邵 shao siu
欧阳歐陽 ouyang auyeung auyong|司徒 situ szeto|诸葛諸葛 zhuge chukot|上官 shangguan
"""
_HANGUL = """
김 kim gim|이 lee yi rhee i|박 park bak pak|최 choi choe|정 jung jeong chung|강 kang gang|조 cho jo
윤 yoon yun|장 jang chang|임 lim im|한 han|오 oh o|서 seo suh|신 shin sin|권 kwon gwon|황 hwang|안 ahn an
송 song|류 ryu yoo|유 yoo yu|전 jeon jun chun|홍 hong|고 ko go koh|문 moon mun|양 yang|손 son sohn|배 bae
백 baek paik|허 heo hur huh|남 nam|심 shim sim|노 noh roh no|하 ha|곽 kwak gwak|성 sung seong|차 cha
주 joo ju|우 woo u|구 koo gu ku|민 min|진 jin chin|지 ji chi|엄 um eom|채 chae|원 won|천 cheon chun
방 bang pang|공 kong gong|현 hyun hyeon|함 ham|변 byun byeon|여 yeo|추 choo chu|석 seok suk|선 sun seon
길 gil kil|기 ki|반 ban|금 keum|남궁 namgung namkoong
"""
_WORDS = """
юлия yulia julia yuliya iuliia|александр alexander aleksandr alexandr|александра alexandra aleksandra
петр petr pyotr peter|федор fedor fyodor|артем artem artyom|семен semyon semen|алена alena alyona
екатерина ekaterina yekaterina katerina|елена elena yelena helena
евгений evgeny yevgeny evgeni evgenii eugene|евгения evgenia yevgenia evgeniya
михаил mikhail michael mihail|мария maria mariya mariia|ксения ksenia xenia kseniya
софия sofia sophia sofiya|анастасия anastasia anastasiya|виктория victoria viktoria viktoriya
виктор viktor victor|анна anna|николай nikolai nikolay nicholas|ирина irina iryna|игорь igor
олександр oleksandr alexander|володимир volodymyr vladimir|сергій serhiy serhii sergiy
андрій andriy andrii|юрий yuri yury yuriy iurii|яна yana jana|γεωργιος georgios george yorgos
γιωργος giorgos yorgos george|ιωαννης ioannis giannis yiannis john|γιαννης giannis yiannis yannis
ελενη eleni helen elena|κωνσταντινος konstantinos constantine costas
αικατερινη aikaterini katerina ekaterini|μαρια maria|δημητρης dimitris demetris
δημητριος dimitrios demetrios|νικολαος nikolaos nicholas|νικος nikos nicos|βασιλης vasilis vassilis
χρηστος christos hristos|χριστινα christina|παναγιωτης panagiotis panayiotis|ευαγγελια evangelia
σοφια sofia sophia|αγγελικη angeliki aggeliki|παυλος pavlos paul|वर्मा verma varma|शर्मा sharma sarma
सिंह singh sinha|गुप्ता gupta|पटेल patel|कुमार kumar|मिश्रा mishra misra|यादव yadav
चौधरी chaudhary choudhary chowdhury|दीपक deepak dipak|पूजा pooja puja|सुनीता sunita suneeta|कविता kavita
श्रेया shreya|विकास vikas|संजय sanjay|विजय vijay|अजय ajay|अग्रवाल agarwal aggarwal|محمد mohammed muhammad mohamed mohammad
احمد ahmed ahmad|علي ali|حسن hassan hasan|حسين hussein hussain husayn hossein|محمود mahmoud mahmood
فاطمه fatima fatma fatemeh|عائشه aisha ayesha|مريم maryam mariam miriam|خالد khaled khalid|عمر omar umar
يوسف yousef youssef yusuf joseph|ابراهيم ibrahim ebrahim|مصطفي mustafa mostafa|عبدالله abdullah abdallah
سعيد saeed said|كريم karim kareem|سمير samir sameer|طارق tariq tarek|جمال jamal gamal|رشيد rashid rachid
امين amin ameen|نور nour noor nur|ليلي layla leila laila|زينب zainab zeinab zaynab|سلمي salma
هدي huda hoda|سارا|ساره sara sarah|رضا reza rida|حميد hamid hameed|ناصر nasser nasir naser
صالح saleh salih|سليمان suleiman sulaiman soliman|منصور mansour mansoor|خان khan|حداد haddad
خوري khoury khouri|الخوري alkhoury elkhoury|المصري almasri elmasry|عباس abbas|قاسم qasim kassem qassem
بكر bakr|כהן cohen kohen cohn|לוי levi levy|מזרחי mizrahi mizrachi|פרץ peretz perez|ביטון biton bitton
דהן dahan|אברהם avraham abraham|יצחק yitzhak isaac itzhak|יעקב yaakov jacob yakov|משה moshe moses
דוד david|יוסף yosef joseph yossef|שרה sara sarah|רבקה rivka rebecca|רחל rachel rahel|לאה leah lea
מרים miriam|חנה hannah chana hana|אסתר esther ester|יונתן yonatan jonathan|דניאל daniel|מיכאל michael
מיכל michal|נועה noa noah|תמר tamar|יעל yael|שלמה shlomo solomon|אריאל ariel|גבריאל gabriel
רפאל rafael raphael|שמואל shmuel samuel|בנימין binyamin benjamin|אליהו eliyahu elijah|עדי adi|רון ron
טל tal|גולן golan|פרידמן friedman fridman|גולדברג goldberg|כץ katz|שפירא shapira shapiro
רוזנברג rosenberg|שוורץ schwartz shvarts|אזולאי azoulay azulay|מלכה malka
"""


@cache
def _table(source: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in source.replace("|", "\n").split("\n"):
        native, *latin = line.split() or [""]
        if latin:
            found[native] = tuple(latin)
    return found


@cache
def _han() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for native, latin in _table(_HAN).items():
        # A name stands there simplified, then traditional: of as many characters each, or once where both are one.
        size = len(native) // 2 if native[: len(native) // 2] in _COMPOUND else 1
        pieces = [native] if native in _COMPOUND else [native[at : at + size] for at in range(0, len(native), size)]
        found |= dict.fromkeys(pieces, latin)
    return found


_COMPOUND = word_set("欧阳 司徒 诸葛 上官")


def han_family(name: str) -> tuple[str, ...]:
    """Give how a family name in Han is written in Latin letters, pinyin first; none where it is not listed."""
    return _han().get(name, ())


def hangul_family(name: str) -> tuple[str, ...]:
    """Give how a family name in Hangul is written in Latin letters, the usual way first."""
    return _table(_HANGUL).get(name, ())


def customary(word: str) -> tuple[str, ...]:
    """Give how a word of Cyrillic, Greek, Devanagari, Arabic or Hebrew letters (folded) is written in Latin ones."""
    return _words().get(word, ())


@cache
def _words() -> dict[str, tuple[str, ...]]:
    return {"".join(split_words(word).native): latin for word, latin in _table(_WORDS).items()}

"""Given names that are one name to whoever types them: other spellings of it, and what its bearers are called.

Beside the `nicknames` package, which knows the English ones. Each name of a group is known by every other; a name
may stand in several. Only names that very many bear are listed; a clinic adds groups of its own.
"""

from __future__ import annotations

from functools import cache

# Spellings count as sounding alike, so a name that many bear as it stands is not taken for another spelling of it.
_SPELLED = """
catherine katherine kathryn catharine katharine cathryn kathrine cathrine|kate cate|katie katy cathy kathy
sean shawn shaun|stephen steven stefan|geoffrey jeffrey jeffery|geoff jeff|robby robbie|bobby bobbie
deborah debra debora|rebecca rebekah|becca becka|zoe zoey zoie|teresa theresa therese|terri terry teri
britney brittany brittney britany|jasmine jasmin yasmin yasmine jazmin jazmine yasmeen|susan suzan suzanne susanne
suzanna susanna susannah|alexander aleksandr alexandr|alexandra aleksandra|christopher kristopher|chris kris
benji benjy|thomas tomas|philip phillip|jonathan johnathan jonathon|matthew mathew|nicholas nicolas nikolas
michael micheal|eric erik erick|marc mark|marcus markus|brian bryan bryon|alan allan allen|ian iain|craig kraig
carl karl|kurt curt|neil neal neale|graham graeme grahame|greg gregg|lawrence laurence|louis lewis luis
frederick fredrick frederic|anthony antony|zachary zachery zackary|zach zack zac|aaron aron|isaac isaak|jacob jakob
caleb kaleb|lucas lukas|dylan dillon|connor conor conner|aidan aiden ayden|jayden jaden jaiden|caden kaden
jackson jaxon jaxson|declan deklan|eoin owen|caitlin kaitlin kaitlyn katelyn caitlyn kaitlynn katelynn|ann anne
hannah hanna|sara sarah|elizabeth elisabeth elisabet|margaret margret|megan meghan meagan meaghan|emily emilie
isabel isabelle isobel|isabella izabella|sophia sofia|lily lilly|lillian lilian|allison alison allyson alyson
alicia alisha elisha|claire clare clair|carol carole|carolyn caroline|kristen kristin kirsten kirstin
christina kristina cristina|christine kristine|christy kristy kristie|cynthia cinthia|diane dianne|gillian jillian
jennifer jenifer|jenny jennie|joanne joann|jane jayne|karen karin caren|kelly kelley kellie|kimberly kimberley
laurie lori|lauren lauryn|leah lea lia|leslie lesley|linda lynda|lynn lynne|madeline madeleine madelyn
michelle michele|mia mya|monica monika|natalie nathalie|nicole nichole|rachel rachael rachelle|robin robyn
sharon sharron|stephanie stefanie|sylvia silvia|tracy tracey traci|vicky vickie vicki|victoria viktoria|vivian vivien
georgie georgy|philippa phillipa|jacqueline jaqueline|frances francis|gabriel gavriel|raphael rafael|tristan tristen
adrian adrien|mohammed muhammad mohamed mohammad muhammed mohamad mohamud mohd|ahmed ahmad|ali aly|hassan hasan hassen
hussein hussain husayn hossein|yusuf yousef youssef yousuf yusef|ibrahim ebrahim|omar umar omer
mustafa mostafa moustafa|abdullah abdallah abdulla|abdelrahman abdulrahman abdurrahman abdirahman|khaled khalid
said saeed sayed|karim kareem|samir sameer|tariq tarek tarik|rashid rachid rasheed|hamid hameed|nasser nasir naser
saleh salih|mahmoud mahmood mahmud|suleiman sulaiman soliman|jamal gamal|fatima fatma fatemeh fatimah fatuma
aisha ayesha aysha aicha|haleema halima|maryam mariam miriam meryem|layla leila laila leyla
zainab zeinab zaynab zeynep|khadija khadijah|noor nour nur|amina aminah|huda hoda|reza rida|ismail ismael|bilal belal
iman eman|krishna krishan|lakshmi laxmi luxmi|deepak dipak|deepika dipika|sunita suneeta|sanjay sanjai|harjit harjeet
baljit baljeet|manjit manjeet|simranjit simranjeet|kulwinder kulvinder|subramaniam subramanian|lakshman laxman
dmitri dmitry dmitriy dimitri|mikhail michail|yuri yury yuriy|ekaterina yekaterina katerina
alexei alexey aleksei alexi|andrei andrey andriy|sergei sergey serhiy|nikolai nikolay|evgeny evgeni yevgeny
vladimir volodymyr wladimir|natalia natalya nataliya|tatiana tatyana tetiana|olga olha|yulia julia|svetlana svitlana
irina iryna|elena yelena olena|ksenia xenia oksana|galina halyna|lyudmila ludmila|maria mariya|anastasia anastasiya
oleksandr olexandr|zofia sofia|aleksander alexander|georgios giorgos yorgos|ioannis giannis yannis|yaakov jacob yakov
yosef joseph yossef|yitzhak isaac itzhak|avraham abraham|shlomo solomon|rivka rebecca|chana hannah
"""
_CALLED = """
alexander xander sasha|alexandra sasha|aleksandr sasha|oleksandr sasha|christopher topher|kristopher kris
benjamin benji benjy|charles chas|robert robby robbie|catherine kate katie cat|katherine kitty|kathryn kate katie
teresa terri tess|susan suzie|rebecca becks|victoria tori|philippa pippa|clementine clemmie|georgina georgie
sebastian seb|mohammed mo|dmitri dima mitya|mikhail misha|ekaterina katya|alexei alyosha|nikolai kolya
vladimir vova volodya|evgeny zhenya|ivan vanya|pavel pasha|anastasia nastya|natalia natasha|tatiana tanya|olga olya
svetlana sveta|irina ira|elena lena|ksenia ksyusha|galina galya|lyudmila lyuda|maria masha|anna anya|daria dasha
jose pepe|francisco paco pancho|guadalupe lupe|ignacio nacho|enrique quique kike|jesus chuy|luis lucho
manuel manny manolo|rafael rafa|roberto beto|alberto beto|eduardo lalo|guillermo memo|alejandro alex|fernando nando
consuelo chelo|dolores lola|rosario charo|mercedes meche|pilar pili|graciela chela|isabel chabela|concepcion concha
giovanni gianni|giuseppe beppe|antonio toni|johannes hans|heinrich heinz|malgorzata gosia|katarzyna kasia
agnieszka aga|joanna asia|barbara basia|elzbieta ela|krzysztof krzys|wojciech wojtek|tomasz tomek|magdalena magda
aleksandra ola|zofia zosia|stanislaw staszek|jakub kuba|katalin kati|erzsebet bozsi|zsuzsanna zsuzsa
konstantinos costas kostas|yosef yossi|moshe moishe|avraham avi|vikram vik|rajesh raj|krishna krish|harpreet preet
gurpreet preet|jaspreet jas|sukhdeep sukh|jaswinder jassi|parminder parm|venkatesh venkat|subramaniam mani
yusuf joseph|ibrahim abraham|giovanni john|juan john|malgorzata margaret|jorge george|mikhail michael
"""


def spelled(given: str) -> frozenset[str]:
    """Give the other spellings of a folded given name."""
    return _table(_SPELLED).get(given, frozenset()) - {given}


def called(given: str) -> frozenset[str]:
    """Give what the bearers of a folded given name are called besides, and whom that name is short for."""
    return _table(_CALLED).get(given, frozenset()) - {given}


@cache
def _table(source: str) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for group in source.replace("|", "\n").split("\n"):
        names = frozenset(group.split())
        for name in names:
            found[name] = found.get(name, frozenset()) | names
    return found

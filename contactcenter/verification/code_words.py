"""Words of which two make a code word: short, known to everybody, hard to mistake for one another on the telephone."""

import hmac
import secrets
from hashlib import sha256

from contactcenter.core.keys import MasterKey
from contactcenter.verification import answers

A_CODE_WORD = 2  # words
USE = "code words of call-backs"
DUTCH = """
aardbei agenda akker ananas anker appel asperge auto avond baard bakker balkon ballon banaan bericht bever
bezem bijen bloem boerderij boom borstel boter brievenbus broer brug buffel cactus camera citroen dakpan
deken dolfijn dorp draak druif duif duiker eekhoorn eend egel eiland ekster emmer engel erwt fabriek familie
fazant fiets fluit forel fontein framboos garage gebergte geit gitaar giraf glimlach gordijn gras haven hagel
hamer handdoek herfst hertog hond honing horloge iglo iepen inktvis jager jasmijn jurk kaars kameel kapitein
kasteel kelder kermis kersen ketting kikker klaver klok koekoek koffer komkommer konijn kraan krant krokus
kruidnagel kust kwartel ladder lamp laurier leeuw lepel libel lijster linde locomotief lucifer maan machine
magneet mandarijn marmer meeuw meloen merel microfoon molen mossel muziek narcis neushoorn noten nijlpaard
oceaan ochtend oester olifant olijf ooievaar orgel otter paard paddestoel paleis panda papegaai paprika
paraplu parfum parkeerplaats pelikaan perzik piano pinguin piraat planeet plein pompoen potlood prinses puzzel
radijs raket regenboog reiger ridder rivier robijn rozijn sandaal saffier schaap schaduw schilder schip
schommel sinaasappel sleutel sneeuw soldaat spiegel sportveld station steiger strand suiker tafel tandarts
tapijt tegel tempel tijger timmerman toren tractor trommel tulp tunnel uil vaas veer venster vijver vlinder
vliegtuig voetbal vogel vulkaan waaier walnoot walvis water wekker wimpel winter wolk woestijn wortel zadel
zalm zebra zeilboot zilver zomer zonnebloem zwaan zwaluw
"""
ENGLISH = """
acorn airport almond amber anchor apple apricot april autumn bakery balcony ballet bamboo banana banjo barley
basket beaver blanket blossom bottle breakfast bridge broccoli bucket buffalo butter button cabin cactus
camel camera candle canyon captain carpet carrot castle ceiling cherry chimney cinema cinnamon circus clover
coconut coffee compass concert copper coral cottage cricket crystal cucumber curtain dentist desert diamond
dolphin donkey dragon drummer eagle elephant engine evening factory falcon feather ferry festival fiddle
finger flamingo flute forest fountain galaxy garden garlic ginger giraffe glacier goblet granite guitar hammer
harbour hazel helmet hippo holiday honey horizon hotel iceberg igloo island ivory jacket jasmine jelly jigsaw
jungle kangaroo kettle kitchen ladder lagoon lantern lavender lemon library lighthouse lizard lobster magnet
mango maple marble market meadow melon mirror monkey morning mountain museum mushroom napkin needle nephew
notebook nutmeg ocean octopus olive orange orchard oregano ostrich oyster paddle painter palace panda panther
parade parrot peacock pencil penguin pepper piano picnic pigeon pillow pilot planet popcorn potato prairie
princess pumpkin puzzle pyramid rabbit radio rainbow raisin rhubarb river robin rocket saddle saffron sailor
salmon sandal sapphire saucer scissors shadow shepherd silver spider spinach squirrel stadium station sugar
summer sunflower tablet teapot temple thunder tiger timber tomato tractor trumpet tulip tunnel turtle umbrella
valley vanilla velvet village violin volcano waffle walnut walrus waterfall whistle willow window winter
wizard yoghurt zebra zeppelin
"""
WORDS = {"nl": tuple(DUTCH.split()), "en": tuple(ENGLISH.split())}


def drawn(language: str) -> str:
    """A new code word in the language of a call: two words of some two hundred."""
    return " ".join(secrets.choice(WORDS.get(language, WORDS["nl"])) for _ in range(A_CODE_WORD))


def keyed(key: MasterKey, public_id: str, said: str) -> str:
    """What is kept of a code word, by the request that it is for; case, spaces and punctuation don't matter.

    The words are few enough to be tried out by whoever has the database, hence the key, which is kept elsewhere.
    """
    plain = f"{public_id} {''.join(answers.words(said))}"
    return hmac.new(key.derive(USE), plain.encode(), sha256).hexdigest()

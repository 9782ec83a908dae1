/* German and Dutch. */
#include "text/lang.h"

const txt_language txt_lang_de = {
	.code = "de",
	.thesaurus = "th_de_DE_v2",
	.noun_capitals = true,
	.stop =
		" der die das den dem des ein eine einen einem einer eines und oder aber wenn als wie so "
		"auch sehr nur noch schon ist sind war waren sein wird werden wurde wurden worden hat "
		"haben "
		"hatte hatten kann können konnte konnten muss müssen soll sollen darf dürfen mag er sie es "
		"wir ihr "
		"ihre ihren ihrem ihrer ihres sein seine seinen seinem seiner seines mich dich sich uns "
		"euch man "
		"wer was wo wann warum welche welcher welches dieser diese dieses diesen diesem jener in "
		"im "
		"an am auf aus bei beim mit nach von vom vor zu zum zur über unter durch für gegen um bis "
		"seit während wegen weil da denn dass daß damit dadurch daher deshalb deswegen darum dabei "
		"dann dort hier nun zwischen entlang etwa ungefähr rund circa ca etwas viel viele mehr "
		"dabei "
		"dazu davon daran darauf daraus hin her ihn ihm selbst beide jeder jede jedes jeweils eben "
		"nicht kein keine keinen keinem keiner keines nie niemals ohne ob obwohl je sowie indem "
		"nachdem bevor ab "
		"machen macht machte gemacht geben gibt gab heißt genannt ganz gar doch dies bzw lassen "
		"lässt führt führen",
	.negation =
		" nicht kein keine keinen keinem keiner keines nie niemals ohne nichts niemand weder "
		"noch kaum ",
	.hedge = "nicht sicher|bin mir nicht sicher|vielleicht|möglicherweise|eventuell|ich glaube|ich "
			 "denke|ich vermute|kann sein|könnte sein|könnte|schwer zu sagen|vermutlich|"
			 "wahrscheinlich|es kommt darauf an|hängt davon ab|keine ahnung|unklar|womöglich|"
			 "man weiß es nicht genau|ungewiss|dürfte|oder auch nicht|weiß nicht|weiss nicht",
	.refusal = "ich kann nicht|kann ich nicht|tut mir leid|als sprachmodell|als ki|keine auskunft|"
			   "das weiß ich nicht|nicht beantworten",
	.opposite =
		"steigt steigen stieg gestiegen zunimmt nimmt-zu wächst wachsen wuchs erhöht erhöhen "
		"zunahme anstieg vergrößert verstärkt beschleunigt ausdehnt dehnt|sinkt sinken sank "
		"gesunken abnimmt fällt fallen fiel verringert verringern senkt senken abnahme rückgang "
		"verkleinert schwächt verlangsamt schrumpft schrumpfen zusammenzieht;"
		"groß größer größte größten großen große großer|klein kleiner kleinste kleinsten kleinen "
		"kleine;"
		"mehr|weniger;heiß heißer heißeste warm wärmer wärmste warme warmen erwärmt|kalt kälter "
		"kälteste kühl kühler kalte kalten abkühlt;"
		"hoch höher höchste höchsten hohen hohe|niedrig niedriger tief tiefer tiefste niedrigste;"
		"lang länger längste lange langen|kurz kürzer kürzeste kurze kurzen;schnell schneller "
		"schnellste schnelle|langsam langsamer langsamste langsame;"
		"stark stärker stärkste starke|schwach schwächer schwächste schwache;schwer schwerer "
		"schwerste|leicht leichter leichteste;"
		"nah näher nächste|fern ferner weit weiter;früh früher frühe|spät später späte;alt älter "
		"älteste alte alten|jung jünger jüngste neu neuer neue neuen;"
		"immer stets|manchmal gelegentlich|nie niemals;alle alles jeder jede jedes "
		"sämtliche|einige "
		"manche wenige teilweise|keine niemand;"
		"vor bevor zuvor|nach nachdem danach;oben obere oberen oberhalb über|unten untere unteren "
		"unterhalb unter;"
		"norden nördlich nördliche nord|süden südlich südliche süd|osten östlich östliche "
		"ost|westen "
		"westlich westliche west;links linke linken|rechts rechte rechten;innen innere "
		"inneren|außen "
		"äußere äußeren;"
		"erste ersten erster|letzte letzten letzter;gewann gewinnt gewonnen siegte sieg|verlor "
		"verliert verloren niederlage;beginnt begann beginn anfang|endet endete ende schluss;"
		"anziehen zieht|abstoßen stößt;männlich mann männchen vater sohn|weiblich frau weibchen "
		"mutter tochter;"
		"sommer|winter|frühling frühjahr|herbst;tag tagsüber|nacht nachts;morgen morgens|abend "
		"abends;"
		"fest|flüssig|gasförmig;schwarz|weiß|rot|grün|blau|gelb;reich|arm;lebendig lebt leben|tot "
		"gestorben stirbt sterben;positiv|negativ;richtig wahr|falsch;"
		"montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag;"
		"januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember;"
		"häufig oft meistens|selten;erlaubt gestattet|verboten untersagt;importiert|exportiert;"
		"kauft kaufte gekauft|verkauft verkaufte;nimmt aufgenommen aufnehmen|abgibt abgegeben "
		"abgeben freisetzt;öffentlich|privat;dick|dünn;breit|schmal;hell|dunkel;nass "
		"feucht|trocken;"
		"sauerstoff|stickstoff|kohlendioxid|wasserstoff;",
	.same =
		"beginnt fängt startet;begann startete anfing;groß riesig gewaltig;schnell rasch zügig;"
		"etwa ungefähr rund circa ca knapp gut;wichtig bedeutend bedeutsam wesentlich;"
		"baute errichtete;gebaut errichtet erbaut;erfand entwickelte;schrieb verfasste;geschrieben "
		"verfasst;benutzt verwendet;benötigt braucht;starb verstarb;liegt befindet;enthält "
		"beinhaltet umfasst;bekommt erhält;vollständig ganz komplett;",
	.agent = " von vom durch ",
	.auxiliary = " wird werden wurde wurden worden ist sind ",
	.before = " bevor vor ehe bis ",
	.after = " nachdem nach seit ",
	.causes = " verursacht verursachte bewirkt führt führte sodass daher deshalb darum ",
	.because = " weil da denn wegen ",
	.than = " als ",
	.yes = " ja jawohl richtig stimmt wahr genau doch natürlich ",
	.no = " nein falsch nicht keineswegs nö ",
	.months = "januar jan jänner;februar feb;märz mär mrz;april apr;mai;juni jun;juli jul;august "
			  "aug;september sep sept;oktober okt;november nov;dezember dez",
	.number =
		"null=0 eins=1 ein=1 zwei=2 drei=3 vier=4 fünf=5 sechs=6 sieben=7 acht=8 neun=9 "
		"zehn=10 elf=11 zwölf=12 dreizehn=13 vierzehn=14 fünfzehn=15 sechzehn=16 siebzehn=17 "
		"achtzehn=18 neunzehn=19 zwanzig=20 dreißig=30 vierzig=40 fünfzig=50 sechzig=60 "
		"siebzig=70 achtzig=80 neunzig=90 dutzend=12* hundert=100* tausend=1e3* million=1e6* "
		"millionen=1e6* milliarde=1e9* milliarden=1e9* billion=1e12* billionen=1e12* mio=1e6* "
		"mrd=1e9* halb=0.5 hälfte=0.5 viertel=0.25 drittel=0.33333333333333331* zweimal=2 "
		"dreimal=3 doppelt=2 dreifach=3 viermal=4 ",
	.ordinal = "erste=1 ersten=1 erster=1 zweite=2 zweiten=2 zweiter=2 dritte=3 dritten=3 "
			   "dritter=3 vierte=4 vierten=4 vierter=4 fünfte=5 fünften=5 sechste=6 sechsten=6 "
			   "siebte=7 siebten=7 achte=8 achten=8 neunte=9 neunten=9 zehnte=10 zehnten=10 ",
	.clause = " und während aber weil sodass wenn wo die der das obwohl als dann bevor nachdem "
			  "oder ",
};

const txt_language txt_lang_nl = {
	.code = "nl",
	.stop =
		" de het een en of maar als dan zo ook zeer is zijn was waren wordt worden werd werden "
		"heeft "
		"hebben had hadden kan kunnen kon moet moeten zal zullen hij zij ze wij we jij u hun haar "
		"zijn die "
		"dat deze dit wie wat waar wanneer waarom hoe in op aan uit bij met naar van voor tot te "
		"over onder door tegen om tijdens omdat want dus daarom hier daar er tussen ongeveer meer "
		"veel "
		"niet geen nooit zonder ",
	.negation = " niet geen nooit zonder niets niemand noch ",
	.hedge = "niet zeker|misschien|mogelijk|ik denk|ik geloof|zou kunnen|moeilijk te zeggen|"
			 "waarschijnlijk|het hangt ervan af|geen idee",
	.refusal = "ik kan niet|het spijt me|als taalmodel|weet ik niet",
	.opposite =
		"stijgt stijgen|daalt dalen;groot groter grootste|klein kleiner kleinste;meer|minder;"
		"warm heet|koud;hoog hoger|laag lager;lang|kort;snel|langzaam;sterk|zwak;voor|na;"
		"noord noorden|zuid zuiden|oost oosten|west westen;links|rechts;eerste|laatste;",
	.same = "begint start;groot enorm;snel vlug;ongeveer circa rond;",
	.agent = " door ",
	.auxiliary = " wordt worden werd werden is zijn ",
	.before = " voordat voor ",
	.after = " nadat na ",
	.causes = " veroorzaakt veroorzaakte dus daarom ",
	.because = " omdat want doordat ",
	.than = " dan ",
	.yes = " ja klopt juist waar ",
	.no = " nee neen niet onjuist ",
	.months = "januari jan;februari feb;maart mrt;april apr;mei;juni jun;juli jul;augustus aug;"
			  "september sep;oktober okt;november nov;december dec",
	.number = "nul=0 een=1 twee=2 drie=3 vier=4 vijf=5 zes=6 zeven=7 acht=8 negen=9 tien=10 elf=11 "
			  "twaalf=12 dertien=13 veertien=14 vijftien=15 zestien=16 zeventien=17 achttien=18 "
			  "negentien=19 twintig=20 dertig=30 veertig=40 vijftig=50 zestig=60 zeventig=70 "
			  "tachtig=80 negentig=90 honderd=100* duizend=1e3* miljoen=1e6* miljard=1e9* ",
	.ordinal = "eerste=1 tweede=2 derde=3 vierde=4 vijfde=5 zesde=6 zevende=7 achtste=8 negende=9 "
			   "tiende=10 ",
	.clause = " en terwijl maar omdat dus wanneer waar die dat of ",
};
